import type { Layers } from './layers.ts'
import type { ComposePort } from './model.ts'

const most = 64

/** The published ports of a service: `8080:80`, `127.0.0.1:8080:80/tcp`, ranges, and the long form. */
export function portsOf(own: Layers): ComposePort[] {
  const found = own.all('ports').flatMap((layer) =>
    layer.items().flatMap((item): ComposePort[] => {
      const written = item.text() === undefined ? longForm(own, item) : own.text(item)
      return written === undefined ? [] : portsIn(written)
    }),
  )
  return [...new Map(found.map((port) => [JSON.stringify(port), port])).values()]
}

type Item = ReturnType<Layers['all']>[number]

function longForm(own: Layers, item: Item): string | undefined {
  const [target, published, protocol] = ['target', 'published', 'protocol'].map((key) => own.text(item.get(key)))
  if (target === undefined) return undefined
  return `${published === undefined ? '' : `${published}:`}${target}/${protocol ?? 'tcp'}`
}

/** The ports of the short form; none for a text that is none. Pure. */
export function portsIn(written: string): ComposePort[] {
  const form = /^(?:(?:\[[^\]]*\]|[\w.-]*):(?=.*:))?(?:(\d+)(?:-(\d+))?:|:)?(\d+)(?:-(\d+))?(?:\/(\w+))?$/
  const found = form.exec(written.trim())
  if (found === null) return []
  const [, localFirst, localLast, first = '', last, protocol = 'tcp'] = found
  const count = Math.min(last === undefined ? 0 : Number(last) - Number(first), most)
  return Array.from({ length: Math.max(count, 0) + 1 }, (_, index) => ({
    // A range of ports of the machine for one port of the container: the first.
    local:
      localFirst === undefined ? undefined : Number(localFirst) + (localLast === undefined || count === 0 ? 0 : index),
    remote: Number(first) + index,
    protocol: protocol.toLowerCase(),
  })).filter(({ local, remote }) => isPort(remote) && (local === undefined || isPort(local)))
}

/** The ports of `expose`. */
export function exposedOf(own: Layers): number[] {
  const texts = own.all('expose').flatMap((layer) => layer.items().flatMap((item) => own.text(item) ?? []))
  return [...new Set(texts.flatMap(portsIn).map(({ remote }) => remote))]
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535
}
