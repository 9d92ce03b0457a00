/** File names of the editor's workers under the assets' folder; put in by build-explorer.ts. */
declare const EXPLORER_WORKERS: { readonly editor: string; readonly json: string; readonly graphql: string }

declare module '*.css'
