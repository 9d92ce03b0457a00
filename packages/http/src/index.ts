export type { Check, CheckResults } from './checks.ts'
export { closeInOrder } from './close-in-order.ts'
export { type ErrorBody, errorBody, HttpError } from './http-error.ts'
export { createObserver, type Observer, type ObserverOptions } from './observer.ts'
export { type ProcessOptions, runProcess } from './run-process.ts'
export {
  AddressInUseError,
  createHttpServer,
  type HttpServer,
  type HttpServerOptions,
  type ShutdownTimes,
  shutdownTimes,
} from './server.ts'
export {
  type CallHeaders,
  InvalidSignatureError,
  type SignatureProblem,
  signCall,
  verifyCall,
} from './signature.ts'
export { type Role, roles, type Viewer, viewerSchema } from './viewer.ts'
