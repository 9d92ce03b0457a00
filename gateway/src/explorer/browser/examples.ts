/** The queries that a newcomer finds open: each shows one thing, runs as it stands, and needs no sign-in. */
export const examples: readonly { query: string }[] = [
  {
    query: `# The product page: one query, three services.
#   catalog    title, price, stock, related
#   users      seller, how many wish for it
#   analytics  views and purchases
# Run it: Ctrl-Enter. The id is opaque.
query ProductPage($id: ID! = "UHJvZHVjdDo0MzA") {
  product(id: $id) {
    title
    description
    brand { name }
    price { amount currency }
    stock { available inStock }
    categories { name slug }
    seller { displayName handle }
    wishlistedByCount
    stats { views cartAdds purchases conversionRate }
    trendRank
    related(first: 3) {
      id
      title
      price { amount currency }
      stats { views }
    }
  }
}
`,
  },
  {
    query: `# The home page: what moves now,
# and where to go from here.
query HomePage {
  trending(first: 5) {
    rank
    score
    product {
      id
      title
      price { amount currency }
      seller { displayName }
    }
  }
  categoryTree {
    name
    slug
    stats { views purchases }
  }
}
`,
  },
  {
    query: `# Sign in with a demo account, then put the
# token into the Headers editor below:
#   { "Authorization": "Bearer fst_..." }
# and run Me.
mutation SignIn {
  signIn(input: {
    email: "demo@freshet.example"
    password: "freshet-demo-1"
  }) {
    token
    expiresAt
    userErrors { code message }
  }
}

query Me {
  me {
    displayName
    email
    roles
    wishlist(first: 5) {
      totalCount
      nodes {
        product { title }
        priceWhenAdded { amount currency }
        priceDropPercent
      }
    }
  }
}
`,
  },
]
