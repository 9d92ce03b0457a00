/** Handles that would pass for the house itself, or for a path that clients are likely to route. */
const RESERVED: ReadonlySet<string> = new Set(
  `about abuse account accounts admin administrator analytics anonymous api app assets auth billing blog cart
   catalog category checkout contact customer dashboard dev docs explore favicon feed freshet
   freshet-team gateway graphql graphiql help home hostmaster index info internal legal livez login logout mail me
   metrics moderator news notifications null official orders owner payment payments postmaster press privacy
   product products profile readyz register rest robots root search security self seller session sessions
   settings shop sign-in sign-out sign-up signin signout signup staff static status store support system
   terms test undefined user users webhook webmaster wishlist www you`.split(/\s+/),
)

export const isReservedHandle = (handle: string): boolean => RESERVED.has(handle)
