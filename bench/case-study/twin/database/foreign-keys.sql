-- One index for each foreign key; made after the copy, for speed alone.
create index on categories (parent_id);
create index on sessions (user_id);
create index on products (seller_id);
create index on products (brand_id);
create index on products (category_id);
create index on variants (product_id);
create index on wishlist_items (product_id);
create index on notifications (user_id);
create index on notifications (product_id);
create index on activity (product_id);
create index on activity (user_id);
select setval(pg_get_serial_sequence('notifications', 'id'), (select coalesce(max(id), 0) + 1 from notifications), false);
