import vm from 'node:vm'
import { TestEnvironment } from 'jest-environment-node'

/**
 * jest's environment of Node with a global object that is one. jest puts a Proxy before it, to clean up what a test
 * file leaves there, and Node's contexts an interceptor: every look at `Math` or `Buffer` goes through both, which
 * is a quarter of what the tests compute. Each file has a context of its own all the same, and with it goes what it left.
 */
// biome-ignore lint/style/noDefaultExport: jest takes nothing else
export default class PlainEnvironment extends TestEnvironment {
  constructor(...args: ConstructorParameters<typeof TestEnvironment>) {
    // It takes no context from outside: the one that it creates is exchanged.
    const { createContext } = vm
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY)
    try {
      super(...args)
    } finally {
      vm.createContext = createContext
    }
  }
}
