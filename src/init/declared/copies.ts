import { imageFacts } from '../../images/reload/image.ts'
import { syncRules, type Tree } from '../../images/reload/rules.ts'
import type { Repository } from '../../readers/facts.ts'
import { dockerfileOf, type Service, type Services } from './subject.ts'

/** By service, the rules that bring files where its Dockerfile copies them. */
export type Copies = ReadonlyMap<string, NonNullable<Service['sync']>>

/** The rules that the Dockerfiles of services give, whether or not their programs take up changes. */
export async function copiesOf(services: Services, { read }: Repository, tree: Tree): Promise<Copies> {
  const copies = new Map<string, NonNullable<Service['sync']>>()
  for (const [key, service] of Object.entries(services)) {
    const file = dockerfileOf(service)
    const facts = file === undefined ? undefined : imageFacts(read(file) ?? '', service.build?.target)
    if (facts === undefined || service.build === undefined) continue
    copies.set(key, (await syncRules(facts, service.build.context, tree)).sync)
  }
  return copies
}
