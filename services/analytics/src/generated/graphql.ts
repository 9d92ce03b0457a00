// Generated from schema/*.graphql by `pnpm generate`. Do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ProductReferenceRow, CategoryReferenceRow, UserReferenceRow } from '../references.ts';
import type { ProductStatsRow } from '../product-stats/product-stats.repository.ts';
import type { CategoryStatsRow, TrendingRow } from '../trending/trending.repository.ts';
import type { RecentlyViewedRow } from '../activity/recently-viewed.repository.ts';
import type { DashboardRow, DashboardDayRow, DashboardProductRow, RevenueRow } from '../dashboard/dashboard.repository.ts';
import type { Context } from '../context.ts';
export type Maybe<T> = T | null | undefined;
export type InputMaybe<T> = T | null | undefined;
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

export type Query = {
  __typename?: 'Query';
  /** The products with the most activity lately, most active first; recomputed every few seconds. `first` is at most 100. */
  trending?: Maybe<Array<TrendingProduct>>;
  /** A seller's figures; for that seller, or an admin. Null for anybody else. `days` is at most 366. */
  dashboard?: Maybe<Dashboard>;
};


export type QueryTrendingArgs = {
  window?: InputMaybe<TrendingWindow>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryDashboardArgs = {
  sellerId: Scalars['ID']['input'];
  days?: InputMaybe<Scalars['Int']['input']>;
};

export type Mutation = {
  __typename?: 'Mutation';
  /** Reports what a viewer did. Accepted events are counted within moments, each once, however often it is sent. */
  track?: Maybe<TrackPayload>;
};


export type MutationTrackArgs = {
  input: TrackInput;
};

export type Product = {
  __typename?: 'Product';
  id: Scalars['ID']['output'];
  /** What has happened to it so far. */
  stats?: Maybe<ProductStats>;
  /** Its place in the trending list of the last 24 hours, from 1; null beyond the first 1,000. */
  trendRank?: Maybe<Scalars['Int']['output']>;
};

export type Category = {
  __typename?: 'Category';
  id: Scalars['ID']['output'];
  /** The most active products of the month's trending list in it and below it; recomputed every minute. `first` is at most 24. */
  topProducts?: Maybe<Array<Maybe<Product>>>;
  stats?: Maybe<CategoryStats>;
};


export type CategoryTopProductsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
};

export type User = {
  __typename?: 'User';
  id: Scalars['ID']['output'];
  /** Only for the account's owner: products seen lately, the latest first, each once. `first` is at most 50. */
  recentlyViewed?: Maybe<Array<RecentlyViewed>>;
};


export type UserRecentlyViewedArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
};

export type ProductStats = {
  __typename?: 'ProductStats';
  views: Scalars['Int']['output'];
  cartAdds: Scalars['Int']['output'];
  purchases: Scalars['Int']['output'];
  /** Purchases per view, 0 to 1; null without a view. */
  conversionRate?: Maybe<Scalars['Float']['output']>;
  /** Today and the 6 days before it, in days of UTC. */
  viewsLast7Days: Scalars['Int']['output'];
  /** When the last event that is counted here happened. */
  lastActivityAt?: Maybe<Scalars['DateTime']['output']>;
};

/** What has happened to the products in it and below it; recomputed every minute. */
export type CategoryStats = {
  __typename?: 'CategoryStats';
  views: Scalars['Int']['output'];
  purchases: Scalars['Int']['output'];
};

export type RecentlyViewed = {
  __typename?: 'RecentlyViewed';
  product?: Maybe<Product>;
  viewedAt: Scalars['DateTime']['output'];
};

export type TrendingWindow =
  /** This hour and the 23 before it. */
  | 'DAY'
  /** Today and the 6 days before it, in days of UTC. */
  | 'WEEK'
  /** Today and the 29 days before it, in days of UTC. */
  | 'MONTH';

export type TrendingProduct = {
  __typename?: 'TrendingProduct';
  /** From 1. */
  rank: Scalars['Int']['output'];
  /** Views + 5 times cart adds + 20 times purchases within the window. */
  score: Scalars['Int']['output'];
  product?: Maybe<Product>;
};

/** One seller's figures, in days of UTC. */
export type Dashboard = {
  __typename?: 'Dashboard';
  seller?: Maybe<User>;
  views: Scalars['Int']['output'];
  purchases: Scalars['Int']['output'];
  /** At the prices of the time of purchase, largest first. */
  revenue: Array<Revenue>;
  /** The oldest first; days without activity are there, with zeros. */
  days: Array<DashboardDay>;
  /** The best sellers, by purchases. `first` is at most 100. */
  topProducts: Array<DashboardProduct>;
};


/** One seller's figures, in days of UTC. */
export type DashboardTopProductsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** A sum of money, which may be larger than one price. */
export type Revenue = {
  __typename?: 'Revenue';
  /** Minor units: always whole, up to 2^53. A Float, because an Int ends at 2^31. */
  amount: Scalars['Float']['output'];
  /** ISO 4217, upper case: `USD`. */
  currency: Scalars['String']['output'];
};

export type DashboardDay = {
  __typename?: 'DashboardDay';
  /** `2026-11-23`. */
  date: Scalars['String']['output'];
  views: Scalars['Int']['output'];
  purchases: Scalars['Int']['output'];
  revenue: Array<Revenue>;
};

export type DashboardProduct = {
  __typename?: 'DashboardProduct';
  product?: Maybe<Product>;
  /** As it was called when last heard of. */
  title: Scalars['String']['output'];
  views: Scalars['Int']['output'];
  purchases: Scalars['Int']['output'];
};

export type ActivityKind =
  | 'VIEW'
  | 'CART_ADD'
  | 'PURCHASE';

export type TrackInput = {
  /** 1 to 100 events. */
  events: Array<ActivityInput>;
};

export type ActivityInput = {
  /** Made by the client, a UUID: the same event sent twice is counted once. */
  id: Scalars['ID']['input'];
  kind: ActivityKind;
  productId: Scalars['ID']['input'];
  /** When it happened; now if left out. Not in the future, at most 7 days ago. */
  occurredAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Pieces, for a purchase: 1 to 1,000. */
  quantity?: InputMaybe<Scalars['Int']['input']>;
};

export type TrackPayload = {
  __typename?: 'TrackPayload';
  /** How many were accepted: all, or none. */
  accepted: Scalars['Int']['output'];
  userErrors: Array<UserError>;
};

export type UserErrorCode =
  /** The viewer may not do this. */
  | 'FORBIDDEN'
  /** The events could not be taken just now; send them again, with the same ids. */
  | 'UNAVAILABLE';

export type CacheControlScope =
  | 'PUBLIC'
  /** For this viewer alone. */
  | 'PRIVATE';

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
  Product: Product;
  Category: Category;
  User: User;
}>;

/** Mapping of federation reference types */
export type FederationReferenceTypes = ResolversObject<{
  Product:
    ( { __typename: 'Product' }
    & GraphQLRecursivePick<FederationTypes['Product'], {"id":true}> );
  Category:
    ( { __typename: 'Category' }
    & GraphQLRecursivePick<FederationTypes['Category'], {"id":true}> );
  User:
    ( { __typename: 'User' }
    & GraphQLRecursivePick<FederationTypes['User'], {"id":true}> );
}>;



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = ResolversObject<{
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Product: ResolverTypeWrapper<ProductReferenceRow>;
  Category: ResolverTypeWrapper<CategoryReferenceRow>;
  User: ResolverTypeWrapper<UserReferenceRow>;
  ProductStats: ResolverTypeWrapper<ProductStatsRow>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  CategoryStats: ResolverTypeWrapper<CategoryStatsRow>;
  RecentlyViewed: ResolverTypeWrapper<RecentlyViewedRow>;
  TrendingWindow: TrendingWindow;
  TrendingProduct: ResolverTypeWrapper<TrendingRow>;
  Dashboard: ResolverTypeWrapper<DashboardRow>;
  Revenue: ResolverTypeWrapper<RevenueRow>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  DashboardDay: ResolverTypeWrapper<DashboardDayRow>;
  DashboardProduct: ResolverTypeWrapper<DashboardProductRow>;
  ActivityKind: ActivityKind;
  TrackInput: TrackInput;
  ActivityInput: ActivityInput;
  TrackPayload: ResolverTypeWrapper<TrackPayload>;
  UserErrorCode: UserErrorCode;
  CacheControlScope: CacheControlScope;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  UserError: ResolverTypeWrapper<UserError>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
}>;

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = ResolversObject<{
  Query: Record<PropertyKey, never>;
  ID: Scalars['ID']['output'];
  Mutation: Record<PropertyKey, never>;
  Product: ProductReferenceRow;
  Category: CategoryReferenceRow;
  User: UserReferenceRow;
  ProductStats: ProductStatsRow;
  Float: Scalars['Float']['output'];
  CategoryStats: CategoryStatsRow;
  RecentlyViewed: RecentlyViewedRow;
  TrendingProduct: TrendingRow;
  Dashboard: DashboardRow;
  Revenue: RevenueRow;
  String: Scalars['String']['output'];
  DashboardDay: DashboardDayRow;
  DashboardProduct: DashboardProductRow;
  TrackInput: TrackInput;
  ActivityInput: ActivityInput;
  TrackPayload: TrackPayload;
  DateTime: Scalars['DateTime']['output'];
  UserError: UserError;
  Int: Scalars['Int']['output'];
  Boolean: Scalars['Boolean']['output'];
}>;

export type CacheControlDirectiveArgs = {
  maxAge?: Maybe<Scalars['Int']['input']>;
  scope?: Maybe<CacheControlScope>;
  inheritMaxAge?: Maybe<Scalars['Boolean']['input']>;
};

export type CacheControlDirectiveResolver<Result, Parent, ContextType = Context, Args = CacheControlDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = ResolversObject<{
  trending?: Resolver<Maybe<Array<ResolversTypes['TrendingProduct']>>, ParentType, ContextType, RequireFields<QueryTrendingArgs, 'window' | 'first'>>;
  dashboard?: Resolver<Maybe<ResolversTypes['Dashboard']>, ParentType, ContextType, RequireFields<QueryDashboardArgs, 'sellerId' | 'days'>>;
}>;

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = ResolversObject<{
  track?: Resolver<Maybe<ResolversTypes['TrackPayload']>, ParentType, ContextType, RequireFields<MutationTrackArgs, 'input'>>;
}>;

export type ProductResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Product'] = ResolversParentTypes['Product'], FederationReferenceType extends FederationReferenceTypes['Product'] = FederationReferenceTypes['Product']> = ResolversObject<{
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Product']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  stats?: Resolver<Maybe<ResolversTypes['ProductStats']>, ParentType, ContextType>;
  trendRank?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
}>;

export type CategoryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Category'] = ResolversParentTypes['Category'], FederationReferenceType extends FederationReferenceTypes['Category'] = FederationReferenceTypes['Category']> = ResolversObject<{
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Category']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  topProducts?: Resolver<Maybe<Array<Maybe<ResolversTypes['Product']>>>, ParentType, ContextType, RequireFields<CategoryTopProductsArgs, 'first'>>;
  stats?: Resolver<Maybe<ResolversTypes['CategoryStats']>, ParentType, ContextType>;
}>;

export type UserResolvers<ContextType = Context, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User'], FederationReferenceType extends FederationReferenceTypes['User'] = FederationReferenceTypes['User']> = ResolversObject<{
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['User']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  recentlyViewed?: Resolver<Maybe<Array<ResolversTypes['RecentlyViewed']>>, ParentType, ContextType, RequireFields<UserRecentlyViewedArgs, 'first'>>;
}>;

export type ProductStatsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ProductStats'] = ResolversParentTypes['ProductStats']> = ResolversObject<{
  views?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  cartAdds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  purchases?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  conversionRate?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  viewsLast7Days?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastActivityAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
}>;

export type CategoryStatsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CategoryStats'] = ResolversParentTypes['CategoryStats']> = ResolversObject<{
  views?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  purchases?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
}>;

export type RecentlyViewedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RecentlyViewed'] = ResolversParentTypes['RecentlyViewed']> = ResolversObject<{
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType>;
  viewedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
}>;

export type TrendingProductResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TrendingProduct'] = ResolversParentTypes['TrendingProduct']> = ResolversObject<{
  rank?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  score?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType>;
}>;

export type DashboardResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Dashboard'] = ResolversParentTypes['Dashboard']> = ResolversObject<{
  seller?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  views?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  purchases?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  revenue?: Resolver<Array<ResolversTypes['Revenue']>, ParentType, ContextType>;
  days?: Resolver<Array<ResolversTypes['DashboardDay']>, ParentType, ContextType>;
  topProducts?: Resolver<Array<ResolversTypes['DashboardProduct']>, ParentType, ContextType, RequireFields<DashboardTopProductsArgs, 'first'>>;
}>;

export type RevenueResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Revenue'] = ResolversParentTypes['Revenue']> = ResolversObject<{
  amount?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
}>;

export type DashboardDayResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DashboardDay'] = ResolversParentTypes['DashboardDay']> = ResolversObject<{
  date?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  views?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  purchases?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  revenue?: Resolver<Array<ResolversTypes['Revenue']>, ParentType, ContextType>;
}>;

export type DashboardProductResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DashboardProduct'] = ResolversParentTypes['DashboardProduct']> = ResolversObject<{
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType>;
  title?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  views?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  purchases?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
}>;

export type TrackPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TrackPayload'] = ResolversParentTypes['TrackPayload']> = ResolversObject<{
  accepted?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
}>;

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type UserErrorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = ResolversObject<{
  code?: Resolver<ResolversTypes['UserErrorCode'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  field?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
}>;

export type Resolvers<ContextType = Context> = ResolversObject<{
  Query?: QueryResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Product?: ProductResolvers<ContextType>;
  Category?: CategoryResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  ProductStats?: ProductStatsResolvers<ContextType>;
  CategoryStats?: CategoryStatsResolvers<ContextType>;
  RecentlyViewed?: RecentlyViewedResolvers<ContextType>;
  TrendingProduct?: TrendingProductResolvers<ContextType>;
  Dashboard?: DashboardResolvers<ContextType>;
  Revenue?: RevenueResolvers<ContextType>;
  DashboardDay?: DashboardDayResolvers<ContextType>;
  DashboardProduct?: DashboardProductResolvers<ContextType>;
  TrackPayload?: TrackPayloadResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  UserError?: UserErrorResolvers<ContextType>;
}>;

export type DirectiveResolvers<ContextType = Context> = ResolversObject<{
  cacheControl?: CacheControlDirectiveResolver<any, any, ContextType>;
}>;
