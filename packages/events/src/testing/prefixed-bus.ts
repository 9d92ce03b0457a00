import type { EventBus } from '../bus.ts'

/**
 * `bus` with `<prefix>.` before the name of every topic and group, unseen by who uses it.
 *
 * A service's topics and groups have fixed names. Two tests on one Kafka that consume under them are members of one
 * group, and each gets only some of the partitions: with a prefix of its own (`uniqueName`) a test has all of them.
 * Create the prefixed topics first, the dead letters too. What a whole process consumes can't be prefixed; a test in
 * this process that is, keeps out of its way.
 */
export function prefixedBus(bus: EventBus, prefix: string): EventBus {
  const own = (name: string) => `${prefix}.${name}`
  const bare = (name: string) => name.slice(prefix.length + 1)
  return {
    publish: (messages) =>
      bus.publish(messages.map((message) => ({ ...message, topic: own(message.topic) }))),
    subscribe: (options) =>
      bus.subscribe({
        ...options,
        group: own(options.group),
        topics: options.topics.map(own),
        handle: (delivery) =>
          options.handle({
            ...delivery,
            topic: bare(delivery.topic),
            messages: delivery.messages.map((message) => ({ ...message, topic: bare(message.topic) })),
            // Offsets are committed by the message that the bus gave.
            done: (message) => delivery.done({ ...message, topic: own(message.topic) }),
            pause: (delayMs) => delivery.pause(delayMs),
          }),
      }),
    requireTopics: (topics) => bus.requireTopics(topics.map(own)),
    lag: async (group, topics) =>
      (await bus.lag(own(group), topics.map(own))).map((lag) => ({ ...lag, group, topic: bare(lag.topic) })),
    ping: () => bus.ping(),
    close: () => bus.close(),
  }
}
