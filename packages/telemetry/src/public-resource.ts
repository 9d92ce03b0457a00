import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'

/** Whoever may read /metrics need not learn the command line, its owner, or the machine: traces have those. */
const shown = /^(service\.(name|version|namespace)|telemetry\.sdk\..+|process\.pid)$/

/** A resource as `target_info` shows it: what runs, and nothing of where. */
export function publicResource({ attributes }: Resource): Resource {
  return resourceFromAttributes(
    Object.fromEntries(Object.entries(attributes).filter(([name]) => shown.test(name))),
  )
}
