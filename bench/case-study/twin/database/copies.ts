/** What is copied: a query on Freshet's database, and the table and columns of the twin's that take its rows. */
export const COPIES: readonly [select: string, into: string][] = [
  ['select id, parent_id, name, slug from catalog.categories', 'categories'],
  ['select id, name, slug from catalog.brands', 'brands'],
  [
    `select id, handle, email, password_hash, display_name, roles, locale, currency, price_drop_notifications, created_at
     from users.accounts`,
    'users',
  ],
  [
    `select id, seller_id, brand_id, category_id, title, description, price_minor, currency, attributes, images,
       popularity, status, available, created_at, updated_at, version
     from catalog.products`,
    'products',
  ],
  [
    'select id, product_id, sku, title, price_minor, currency, available, position from catalog.variants',
    'variants',
  ],
  [
    'select id, user_id, product_id, added_at, price_minor, currency from users.wishlist_items',
    'wishlist_items',
  ],
  [
    'select id, user_id, kind, message, product_id, created_at, read_at from users.notifications',
    'notifications (id, user_id, kind, message, product_id, created_at, read_at)',
  ],
  [
    `select activity_id, kind, product_id, user_id, quantity, price_minor, currency, occurred_at
     from analytics.activity order by occurred_at`,
    'activity',
  ],
]
