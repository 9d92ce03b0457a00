// Generated from schema/*.graphql by `pnpm generate`. Do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ProductRow } from '../product/product.repository.ts';
import type { VariantRow } from '../variant/variant.repository.ts';
import type { BrandRow } from '../brand/brand.repository.ts';
import type { CategoryRow } from '../category/category.repository.ts';
import type { ListingRequest } from '../listing/listing.request.ts';
import type { ListingFacets } from '../listing/facets.repository.ts';
import type { UserErrorRow } from '../user-error.ts';
import type { CatalogContext } from '../context.ts';
export type Maybe<T> = T | null | undefined;
export type InputMaybe<T> = T | null | undefined;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A point in time, UTC, as an RFC 3339 string: `2026-11-23T03:44:00.000Z`. */
  DateTime: { input: Date; output: Date | string; }
  _FieldSet: { input: string; output: string; }
};

/** The maker's name. */
export type Brand = {
  __typename?: 'Brand';
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  slug: Scalars['String']['output'];
};

export type Query = {
  __typename?: 'Query';
  /** One category, by id or by slug (give exactly one), or null if there is none. */
  category?: Maybe<Category>;
  /** The categories without a parent, by name; ask for `children` to go down. */
  categoryTree?: Maybe<Array<Category>>;
  /** Products of the whole shop, a page at a time. `first` and `last` are at most 100. */
  products?: Maybe<ProductConnection>;
  /** One product, or null if there is none with this id. */
  product?: Maybe<Product>;
};


export type QueryCategoryArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
  slug?: InputMaybe<Scalars['String']['input']>;
};


export type QueryProductsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ProductFilter>;
  sort?: InputMaybe<ProductSort>;
};


export type QueryProductArgs = {
  id: Scalars['ID']['input'];
};

/** A node of the category tree. */
export type Category = {
  __typename?: 'Category';
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  /** Unique; for addresses: `electronics-audio`. */
  slug: Scalars['String']['output'];
  /** Names from the root, joined by ` > `: `Electronics > Audio`. */
  path: Scalars['String']['output'];
  /** 0 at a root. */
  depth: Scalars['Int']['output'];
  parent?: Maybe<Category>;
  /** From the root down, without this one. */
  ancestors: Array<Category>;
  /** By name. */
  children: Array<Category>;
  /** Products of this category and of all below it. `first` and `last` are at most 100. */
  products: ProductConnection;
};


/** A node of the category tree. */
export type CategoryProductsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ProductFilter>;
  sort?: InputMaybe<ProductSort>;
};

/** Every condition must hold; one that is left out does not filter. */
export type ProductFilter = {
  /** Products of this category and of all below it. */
  categoryId?: InputMaybe<Scalars['ID']['input']>;
  /** Any of these brands; at most 50. An empty list does not filter. */
  brandIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** Minor units of the product's own currency, inclusive; 0 to 2,000,000,000. */
  minPrice?: InputMaybe<Scalars['Int']['input']>;
  /** Minor units of the product's own currency, inclusive; 0 to 2,000,000,000, and not below `minPrice`. */
  maxPrice?: InputMaybe<Scalars['Int']['input']>;
  inStock?: InputMaybe<Scalars['Boolean']['input']>;
  sellerId?: InputMaybe<Scalars['ID']['input']>;
  /** Each must be there; at most 10. */
  attributes?: InputMaybe<Array<AttributeFilter>>;
  /**
   * Words to find in title, brand and description; at most 200 characters. Quotes find a phrase, `or` and a leading
   * dash work as in web searches; what only excludes words finds nothing. When nothing at all has these words, similarly
   * spelled ones are searched for instead. One operation searches at most 10 lists.
   */
  search?: InputMaybe<Scalars['String']['input']>;
};

export type AttributeFilter = {
  /** 1 to 60 characters. */
  name: Scalars['String']['input'];
  /** Any of these; 1 to 20, each of 1 to 200 characters. */
  values: Array<Scalars['String']['input']>;
};

export type ProductSort =
  | 'POPULARITY_DESC'
  | 'PRICE_ASC'
  | 'PRICE_DESC'
  | 'NEWEST'
  | 'TITLE_ASC';

export type ProductConnection = {
  __typename?: 'ProductConnection';
  edges: Array<ProductEdge>;
  nodes: Array<Product>;
  pageInfo: PageInfo;
  /** How many there are in all, counted up to 10,000; 10,000 means that many or more. */
  totalCount: Scalars['Int']['output'];
  /** What the filter could be narrowed by next, with counts among the 10,000 most popular products of this list. */
  facets: ProductFacets;
};

export type ProductEdge = {
  __typename?: 'ProductEdge';
  cursor: Scalars['String']['output'];
  node: Product;
};

export type ProductFacets = {
  __typename?: 'ProductFacets';
  /** The 20 most frequent brands. */
  brands: Array<BrandFacet>;
  /** Price ranges with a product in them, in the list's most frequent currency, cheapest first. */
  prices: Array<PriceFacet>;
};

export type BrandFacet = {
  __typename?: 'BrandFacet';
  brand: Brand;
  count: Scalars['Int']['output'];
};

export type PriceFacet = {
  __typename?: 'PriceFacet';
  /** Inclusive. */
  from: Money;
  /** Exclusive; null where there is no upper end. */
  to?: Maybe<Money>;
  count: Scalars['Int']['output'];
};

export type Mutation = {
  __typename?: 'Mutation';
  /** Puts a new product on sale. For sellers. */
  createProduct?: Maybe<CreateProductPayload>;
  /**
   * Changes a product's texts, brand, attributes or category; what is left out stays, and `brandId: null` takes
   * the brand away. For its seller, or an admin.
   */
  updateProduct?: Maybe<UpdateProductPayload>;
  /**
   * Sets a product's price; the next query sees it. Variants that cost what the product cost follow it, those with
   * a price of their own keep it. A product has one currency: another one is accepted only if every variant follows.
   * For its seller, or an admin.
   */
  setPrice?: Maybe<SetPricePayload>;
  /** Adds to, or takes from, a variant's stock; never below zero, never above 1,000,000. For its seller, or an admin. */
  adjustStock?: Maybe<AdjustStockPayload>;
};


export type MutationCreateProductArgs = {
  input: CreateProductInput;
};


export type MutationUpdateProductArgs = {
  input: UpdateProductInput;
};


export type MutationSetPriceArgs = {
  input: SetPriceInput;
};


export type MutationAdjustStockArgs = {
  input: AdjustStockInput;
};

/** Something on sale. */
export type Product = {
  __typename?: 'Product';
  /** Opaque; the same in every service. */
  id: Scalars['ID']['output'];
  title: Scalars['String']['output'];
  description: Scalars['String']['output'];
  brand?: Maybe<Brand>;
  /** What a listing shows, sorts and filters by, and what every variant costs that has no price of its own. */
  price: Money;
  /** The category that it is filed under, the deepest one. */
  category?: Maybe<Category>;
  /** Every category that it is found in, from the root down to the deepest. */
  categories: Array<Category>;
  variants: Array<Variant>;
  stock: Stock;
  attributes: Array<Attribute>;
  images: Array<Image>;
  /** The most popular products of the same category, without this one. `first` is at most 24. */
  related: Array<Product>;
  seller?: Maybe<User>;
  createdAt: Scalars['DateTime']['output'];
  updatedAt: Scalars['DateTime']['output'];
  /** Grows by one with every change of this product. */
  version: Scalars['Int']['output'];
};


/** Something on sale. */
export type ProductRelatedArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** What can be bought now, over all variants. */
export type Stock = {
  __typename?: 'Stock';
  available: Scalars['Int']['output'];
  inStock: Scalars['Boolean']['output'];
};

export type Attribute = {
  __typename?: 'Attribute';
  name: Scalars['String']['output'];
  value: Scalars['String']['output'];
};

export type Image = {
  __typename?: 'Image';
  url: Scalars['String']['output'];
  /** What the image shows, for people who can't see it. */
  alt: Scalars['String']['output'];
  /** Pixels. */
  width: Scalars['Int']['output'];
  /** Pixels. */
  height: Scalars['Int']['output'];
};

export type User = {
  __typename?: 'User';
  id: Scalars['ID']['output'];
};

/** An amount of money given by a client. */
export type MoneyInput = {
  /** Minor units, 0 to 2,000,000,000. */
  amount: Scalars['Int']['input'];
  /** ISO 4217, upper case. */
  currency: Scalars['String']['input'];
};

export type CreateProductInput = {
  /** 1 to 200 characters. */
  title: Scalars['String']['input'];
  /** At most 10,000 characters. */
  description?: Scalars['String']['input'];
  brandId?: InputMaybe<Scalars['ID']['input']>;
  categoryId: Scalars['ID']['input'];
  price: MoneyInput;
  /** At most 50. */
  attributes?: Array<AttributeInput>;
  /** At least one, at most 100. */
  variants: Array<VariantInput>;
};

export type AttributeInput = {
  /** 1 to 60 characters. */
  name: Scalars['String']['input'];
  /** 1 to 200 characters. */
  value: Scalars['String']['input'];
};

export type VariantInput = {
  /** 1 to 64 characters of letters, digits, dot, dash and underscore; unique. */
  sku: Scalars['String']['input'];
  /** 1 to 120 characters. */
  title: Scalars['String']['input'];
  /** Left out: the product's price. Else in the same currency. */
  price?: InputMaybe<MoneyInput>;
  /** Pieces, 0 to 1,000,000. */
  available?: Scalars['Int']['input'];
};

export type CreateProductPayload = {
  __typename?: 'CreateProductPayload';
  product?: Maybe<Product>;
  userErrors: Array<UserError>;
};

export type UpdateProductInput = {
  id: Scalars['ID']['input'];
  /** 1 to 200 characters. */
  title?: InputMaybe<Scalars['String']['input']>;
  /** At most 10,000 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Null takes the brand away. */
  brandId?: InputMaybe<Scalars['ID']['input']>;
  categoryId?: InputMaybe<Scalars['ID']['input']>;
  /** At most 50; replaces all of them. */
  attributes?: InputMaybe<Array<AttributeInput>>;
  /** Refuse the change unless the product is at this version: two editors don't undo each other's work. */
  ifVersion?: InputMaybe<Scalars['Int']['input']>;
};

export type UpdateProductPayload = {
  __typename?: 'UpdateProductPayload';
  product?: Maybe<Product>;
  userErrors: Array<UserError>;
};

export type SetPriceInput = {
  productId: Scalars['ID']['input'];
  price: MoneyInput;
  /** Refuse the change unless the product is at this version. */
  ifVersion?: InputMaybe<Scalars['Int']['input']>;
};

export type SetPricePayload = {
  __typename?: 'SetPricePayload';
  product?: Maybe<Product>;
  userErrors: Array<UserError>;
};

export type AdjustStockInput = {
  variantId: Scalars['ID']['input'];
  /** Pieces to add; negative takes away. -1,000,000 to 1,000,000. */
  by: Scalars['Int']['input'];
};

export type AdjustStockPayload = {
  __typename?: 'AdjustStockPayload';
  product?: Maybe<Product>;
  variant?: Maybe<Variant>;
  userErrors: Array<UserError>;
};

export type UserErrorCode =
  /** The thing named by the input does not exist. */
  | 'NOT_FOUND'
  /** The viewer may not do this. */
  | 'FORBIDDEN'
  /** It is taken already. */
  | 'TAKEN'
  /** The thing has changed since `ifVersion`; read it again. */
  | 'VERSION_CONFLICT'
  /** There are not that many pieces. */
  | 'INSUFFICIENT_STOCK'
  /** It would be more than is allowed. */
  | 'LIMIT_REACHED'
  /** The prices of one product must have one currency. */
  | 'CURRENCY_MISMATCH';

export type CacheControlScope =
  | 'PUBLIC'
  /** For this viewer alone. */
  | 'PRIVATE';

/** An amount of money: an integer of minor units (cents, for USD) and an ISO 4217 code. Never a fraction. */
export type Money = {
  __typename?: 'Money';
  /** Minor units: 1999 in USD is 19.99 dollars. */
  amount: Scalars['Int']['output'];
  /** ISO 4217, upper case: `USD`. */
  currency: Scalars['String']['output'];
};

/** Where a page lies in its list (Relay). */
export type PageInfo = {
  __typename?: 'PageInfo';
  hasNextPage: Scalars['Boolean']['output'];
  hasPreviousPage: Scalars['Boolean']['output'];
  /** Give it as `after` to read the next page. */
  endCursor?: Maybe<Scalars['String']['output']>;
  /** Give it as `before` to read the previous page. */
  startCursor?: Maybe<Scalars['String']['output']>;
};

/** Why a mutation was refused. Nothing was changed. */
export type UserError = {
  __typename?: 'UserError';
  /** Stable; branch on this, not on the message. */
  code: UserErrorCode;
  /** For people; it says what to do. */
  message: Scalars['String']['output'];
  /** The path of the input field at fault, or null if it is none in particular. */
  field?: Maybe<Array<Scalars['String']['output']>>;
};

/** One buyable form of a product: a size, a colour. */
export type Variant = {
  __typename?: 'Variant';
  id: Scalars['ID']['output'];
  /** The seller's own number for it; unique. */
  sku: Scalars['String']['output'];
  /** What tells it from its siblings: `Red, XL`. */
  title: Scalars['String']['output'];
  price: Money;
  /** Pieces that can be bought now. */
  available: Scalars['Int']['output'];
};

export type WithIndex<TObject> = TObject & Record<string, any>;
export type ResolversObject<TObject> = WithIndex<TObject>;

export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = ResolversObject<{
  Brand: Brand;
  Category: Category;
  Product: Product;
  Variant: Variant;
}>;

/** Mapping of federation reference types */
export type FederationReferenceTypes = ResolversObject<{
  Brand:
    ( { __typename: 'Brand' }
    & GraphQLRecursivePick<FederationTypes['Brand'], {"id":true}> );
  Category:
    ( { __typename: 'Category' }
    & GraphQLRecursivePick<FederationTypes['Category'], {"id":true}> );
  Product:
    ( { __typename: 'Product' }
    & GraphQLRecursivePick<FederationTypes['Product'], {"id":true}> );
  Variant:
    ( { __typename: 'Variant' }
    & GraphQLRecursivePick<FederationTypes['Variant'], {"id":true}> );
}>;



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = ResolversObject<{
  Brand: ResolverTypeWrapper<BrandRow>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Category: ResolverTypeWrapper<CategoryRow>;
  ProductFilter: ProductFilter;
  AttributeFilter: AttributeFilter;
  ProductSort: ProductSort;
  ProductConnection: ResolverTypeWrapper<ListingRequest>;
  ProductEdge: ResolverTypeWrapper<Omit<ProductEdge, 'node'> & { node: ResolversTypes['Product'] }>;
  ProductFacets: ResolverTypeWrapper<ListingFacets>;
  BrandFacet: ResolverTypeWrapper<Omit<BrandFacet, 'brand'> & { brand: ResolversTypes['Brand'] }>;
  PriceFacet: ResolverTypeWrapper<PriceFacet>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Product: ResolverTypeWrapper<ProductRow>;
  Stock: ResolverTypeWrapper<Stock>;
  Attribute: ResolverTypeWrapper<Attribute>;
  Image: ResolverTypeWrapper<Image>;
  User: ResolverTypeWrapper<User>;
  MoneyInput: MoneyInput;
  CreateProductInput: CreateProductInput;
  AttributeInput: AttributeInput;
  VariantInput: VariantInput;
  CreateProductPayload: ResolverTypeWrapper<Omit<CreateProductPayload, 'product' | 'userErrors'> & { product?: Maybe<ResolversTypes['Product']>, userErrors: Array<ResolversTypes['UserError']> }>;
  UpdateProductInput: UpdateProductInput;
  UpdateProductPayload: ResolverTypeWrapper<Omit<UpdateProductPayload, 'product' | 'userErrors'> & { product?: Maybe<ResolversTypes['Product']>, userErrors: Array<ResolversTypes['UserError']> }>;
  SetPriceInput: SetPriceInput;
  SetPricePayload: ResolverTypeWrapper<Omit<SetPricePayload, 'product' | 'userErrors'> & { product?: Maybe<ResolversTypes['Product']>, userErrors: Array<ResolversTypes['UserError']> }>;
  AdjustStockInput: AdjustStockInput;
  AdjustStockPayload: ResolverTypeWrapper<Omit<AdjustStockPayload, 'product' | 'variant' | 'userErrors'> & { product?: Maybe<ResolversTypes['Product']>, variant?: Maybe<ResolversTypes['Variant']>, userErrors: Array<ResolversTypes['UserError']> }>;
  UserErrorCode: UserErrorCode;
  CacheControlScope: CacheControlScope;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Money: ResolverTypeWrapper<Money>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  UserError: ResolverTypeWrapper<UserErrorRow>;
  Variant: ResolverTypeWrapper<VariantRow>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
}>;

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = ResolversObject<{
  Brand: BrandRow;
  ID: Scalars['ID']['output'];
  String: Scalars['String']['output'];
  Query: Record<PropertyKey, never>;
  Category: CategoryRow;
  ProductFilter: ProductFilter;
  AttributeFilter: AttributeFilter;
  ProductConnection: ListingRequest;
  ProductEdge: Omit<ProductEdge, 'node'> & { node: ResolversParentTypes['Product'] };
  ProductFacets: ListingFacets;
  BrandFacet: Omit<BrandFacet, 'brand'> & { brand: ResolversParentTypes['Brand'] };
  PriceFacet: PriceFacet;
  Mutation: Record<PropertyKey, never>;
  Product: ProductRow;
  Stock: Stock;
  Attribute: Attribute;
  Image: Image;
  User: User;
  MoneyInput: MoneyInput;
  CreateProductInput: CreateProductInput;
  AttributeInput: AttributeInput;
  VariantInput: VariantInput;
  CreateProductPayload: Omit<CreateProductPayload, 'product' | 'userErrors'> & { product?: Maybe<ResolversParentTypes['Product']>, userErrors: Array<ResolversParentTypes['UserError']> };
  UpdateProductInput: UpdateProductInput;
  UpdateProductPayload: Omit<UpdateProductPayload, 'product' | 'userErrors'> & { product?: Maybe<ResolversParentTypes['Product']>, userErrors: Array<ResolversParentTypes['UserError']> };
  SetPriceInput: SetPriceInput;
  SetPricePayload: Omit<SetPricePayload, 'product' | 'userErrors'> & { product?: Maybe<ResolversParentTypes['Product']>, userErrors: Array<ResolversParentTypes['UserError']> };
  AdjustStockInput: AdjustStockInput;
  AdjustStockPayload: Omit<AdjustStockPayload, 'product' | 'variant' | 'userErrors'> & { product?: Maybe<ResolversParentTypes['Product']>, variant?: Maybe<ResolversParentTypes['Variant']>, userErrors: Array<ResolversParentTypes['UserError']> };
  DateTime: Scalars['DateTime']['output'];
  Money: Money;
  PageInfo: PageInfo;
  UserError: UserErrorRow;
  Variant: VariantRow;
  Int: Scalars['Int']['output'];
  Boolean: Scalars['Boolean']['output'];
}>;

export type CacheControlDirectiveArgs = {
  maxAge?: Maybe<Scalars['Int']['input']>;
  scope?: Maybe<CacheControlScope>;
  inheritMaxAge?: Maybe<Scalars['Boolean']['input']>;
};

export type CacheControlDirectiveResolver<Result, Parent, ContextType = CatalogContext, Args = CacheControlDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type BrandResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['Brand'] = ResolversParentTypes['Brand'], FederationReferenceType extends FederationReferenceTypes['Brand'] = FederationReferenceTypes['Brand']> = ResolversObject<{
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Brand']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  slug?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
}>;

export type QueryResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = ResolversObject<{
  category?: Resolver<Maybe<ResolversTypes['Category']>, ParentType, ContextType, Partial<QueryCategoryArgs>>;
  categoryTree?: Resolver<Maybe<Array<ResolversTypes['Category']>>, ParentType, ContextType>;
  products?: Resolver<Maybe<ResolversTypes['ProductConnection']>, ParentType, ContextType, RequireFields<QueryProductsArgs, 'sort'>>;
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType, RequireFields<QueryProductArgs, 'id'>>;
}>;

export type CategoryResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['Category'] = ResolversParentTypes['Category'], FederationReferenceType extends FederationReferenceTypes['Category'] = FederationReferenceTypes['Category']> = ResolversObject<{
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Category']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  slug?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  path?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  depth?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  parent?: Resolver<Maybe<ResolversTypes['Category']>, ParentType, ContextType>;
  ancestors?: Resolver<Array<ResolversTypes['Category']>, ParentType, ContextType>;
  children?: Resolver<Array<ResolversTypes['Category']>, ParentType, ContextType>;
  products?: Resolver<ResolversTypes['ProductConnection'], ParentType, ContextType, RequireFields<CategoryProductsArgs, 'sort'>>;
}>;

export type ProductConnectionResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['ProductConnection'] = ResolversParentTypes['ProductConnection']> = ResolversObject<{
  edges?: Resolver<Array<ResolversTypes['ProductEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['Product']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  facets?: Resolver<ResolversTypes['ProductFacets'], ParentType, ContextType>;
}>;

export type ProductEdgeResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['ProductEdge'] = ResolversParentTypes['ProductEdge']> = ResolversObject<{
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Product'], ParentType, ContextType>;
}>;

export type ProductFacetsResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['ProductFacets'] = ResolversParentTypes['ProductFacets']> = ResolversObject<{
  brands?: Resolver<Array<ResolversTypes['BrandFacet']>, ParentType, ContextType>;
  prices?: Resolver<Array<ResolversTypes['PriceFacet']>, ParentType, ContextType>;
}>;

export type BrandFacetResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['BrandFacet'] = ResolversParentTypes['BrandFacet']> = ResolversObject<{
  brand?: Resolver<ResolversTypes['Brand'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
}>;

export type PriceFacetResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['PriceFacet'] = ResolversParentTypes['PriceFacet']> = ResolversObject<{
  from?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  to?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
}>;

export type MutationResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = ResolversObject<{
  createProduct?: Resolver<Maybe<ResolversTypes['CreateProductPayload']>, ParentType, ContextType, RequireFields<MutationCreateProductArgs, 'input'>>;
  updateProduct?: Resolver<Maybe<ResolversTypes['UpdateProductPayload']>, ParentType, ContextType, RequireFields<MutationUpdateProductArgs, 'input'>>;
  setPrice?: Resolver<Maybe<ResolversTypes['SetPricePayload']>, ParentType, ContextType, RequireFields<MutationSetPriceArgs, 'input'>>;
  adjustStock?: Resolver<Maybe<ResolversTypes['AdjustStockPayload']>, ParentType, ContextType, RequireFields<MutationAdjustStockArgs, 'input'>>;
}>;

export type ProductResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['Product'] = ResolversParentTypes['Product'], FederationReferenceType extends FederationReferenceTypes['Product'] = FederationReferenceTypes['Product']> = ResolversObject<{
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Product']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  title?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  brand?: Resolver<Maybe<ResolversTypes['Brand']>, ParentType, ContextType>;
  price?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  category?: Resolver<Maybe<ResolversTypes['Category']>, ParentType, ContextType>;
  categories?: Resolver<Array<ResolversTypes['Category']>, ParentType, ContextType>;
  variants?: Resolver<Array<ResolversTypes['Variant']>, ParentType, ContextType>;
  stock?: Resolver<ResolversTypes['Stock'], ParentType, ContextType>;
  attributes?: Resolver<Array<ResolversTypes['Attribute']>, ParentType, ContextType>;
  images?: Resolver<Array<ResolversTypes['Image']>, ParentType, ContextType>;
  related?: Resolver<Array<ResolversTypes['Product']>, ParentType, ContextType, RequireFields<ProductRelatedArgs, 'first'>>;
  seller?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
}>;

export type StockResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['Stock'] = ResolversParentTypes['Stock']> = ResolversObject<{
  available?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  inStock?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
}>;

export type AttributeResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['Attribute'] = ResolversParentTypes['Attribute']> = ResolversObject<{
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
}>;

export type ImageResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['Image'] = ResolversParentTypes['Image']> = ResolversObject<{
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  alt?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  width?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  height?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
}>;

export type UserResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = ResolversObject<{
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
}>;

export type CreateProductPayloadResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['CreateProductPayload'] = ResolversParentTypes['CreateProductPayload']> = ResolversObject<{
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
}>;

export type UpdateProductPayloadResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['UpdateProductPayload'] = ResolversParentTypes['UpdateProductPayload']> = ResolversObject<{
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
}>;

export type SetPricePayloadResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['SetPricePayload'] = ResolversParentTypes['SetPricePayload']> = ResolversObject<{
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
}>;

export type AdjustStockPayloadResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['AdjustStockPayload'] = ResolversParentTypes['AdjustStockPayload']> = ResolversObject<{
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType>;
  variant?: Resolver<Maybe<ResolversTypes['Variant']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
}>;

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type MoneyResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['Money'] = ResolversParentTypes['Money']> = ResolversObject<{
  amount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
}>;

export type PageInfoResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = ResolversObject<{
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
}>;

export type UserErrorResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = ResolversObject<{
  code?: Resolver<ResolversTypes['UserErrorCode'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  field?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
}>;

export type VariantResolvers<ContextType = CatalogContext, ParentType extends ResolversParentTypes['Variant'] = ResolversParentTypes['Variant'], FederationReferenceType extends FederationReferenceTypes['Variant'] = FederationReferenceTypes['Variant']> = ResolversObject<{
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Variant']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  sku?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  title?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  price?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  available?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
}>;

export type Resolvers<ContextType = CatalogContext> = ResolversObject<{
  Brand?: BrandResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Category?: CategoryResolvers<ContextType>;
  ProductConnection?: ProductConnectionResolvers<ContextType>;
  ProductEdge?: ProductEdgeResolvers<ContextType>;
  ProductFacets?: ProductFacetsResolvers<ContextType>;
  BrandFacet?: BrandFacetResolvers<ContextType>;
  PriceFacet?: PriceFacetResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Product?: ProductResolvers<ContextType>;
  Stock?: StockResolvers<ContextType>;
  Attribute?: AttributeResolvers<ContextType>;
  Image?: ImageResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  CreateProductPayload?: CreateProductPayloadResolvers<ContextType>;
  UpdateProductPayload?: UpdateProductPayloadResolvers<ContextType>;
  SetPricePayload?: SetPricePayloadResolvers<ContextType>;
  AdjustStockPayload?: AdjustStockPayloadResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  Money?: MoneyResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
  Variant?: VariantResolvers<ContextType>;
}>;

export type DirectiveResolvers<ContextType = CatalogContext> = ResolversObject<{
  cacheControl?: CacheControlDirectiveResolver<any, any, ContextType>;
}>;
