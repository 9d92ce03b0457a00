/** Entities of other services, as far as analytics knows them: by their raw ids. */
export interface ProductReferenceRow {
  productId: string
}

export interface CategoryReferenceRow {
  categoryId: string
}

export interface UserReferenceRow {
  userId: string
}
