import { posix } from 'node:path'
import type { SyncFact } from '../facts.ts'
import { folderOf, pathIn } from '../paths.ts'
import { shellLine } from '../words.ts'
import type { Layers } from './layers.ts'
import type { ComposeMount, ComposeService } from './model.ts'

type Item = ReturnType<Layers['all']>[number]

/** What a service mounts; a later layer replaces what an earlier one mounts at the same path. */
export function mountsOf(own: Layers): ComposeMount[] {
  const found = own.all('volumes').flatMap((layer) => layer.items().flatMap((item) => mountOf(own, item) ?? []))
  const inMemory = own.all('tmpfs').flatMap((value) => {
    const texts = value.text() === undefined ? value.items().map((item) => own.text(item)) : [own.text(value)]
    return texts.flatMap((text): ComposeMount[] => {
      const [target = ''] = (text ?? '').split(':')
      return target.startsWith('/') ? [{ type: 'tmpfs', source: undefined, written: '', target, readOnly: false }] : []
    })
  })
  return [...new Map([...found, ...inMemory].map((mount) => [mount.target, mount])).values()]
}

function mountOf(own: Layers, item: Item): ComposeMount | undefined {
  const long = item.text() === undefined
  if (long) {
    const [type, source, target] = ['type', 'source', 'target'].map((key) => own.text(item.get(key)))
    if (target === undefined) return undefined
    const readOnly = item.get('read_only').value === true
    if (type === 'tmpfs') return { type, source: undefined, written: '', target, readOnly }
    return made({ item, source, target, readOnly, isBind: type === 'bind' })
  }
  const text = own.text(item)
  const [, source, target = '', mode = ''] = /^(?:([^:]+):)?(\/[^:]*)(?::([\w,]+))?$/.exec(text ?? '') ?? []
  if (text === undefined || target === '') return undefined
  return made({ item, source, target, readOnly: /\bro\b/.test(mode), isBind: /^[./~]/.test(source ?? '') })
}

function made(mount: {
  readonly item: Item
  readonly source: string | undefined
  readonly target: string
  readonly readOnly: boolean
  readonly isBind: boolean
}): ComposeMount {
  const { item, source, isBind, readOnly } = mount
  const target = posix.normalize(mount.target).replace(/(?<=.)\/$/, '')
  if (source === undefined) return { type: 'anonymous', source, written: '', target, readOnly }
  if (!isBind) return { type: 'volume', source, written: source, target, readOnly }
  return { type: 'bind', source: pathIn(folderOf(item.place.file), source), written: source, target, readOnly }
}

/** The files that bind mounts bring into a container, without what other volumes hide of them. Pure. */
export function syncOfMounts(mounts: readonly ComposeMount[]): SyncFact[] {
  return mounts.flatMap(({ type, source, target }): SyncFact[] => {
    if (type !== 'bind' || source === undefined) return []
    const hidden = mounts.filter((other) => other.type !== 'bind' && other.target.startsWith(`${target}/`))
    const exclude = hidden.map((other) => other.target.slice(target.length + 1))
    return [{ from: source, to: target, exclude, only: [] }]
  })
}

/** The rules of `develop.watch`. A file that only restarts the container makes a new image, which restarts it too. */
export function watchOf(own: Layers): ComposeService['watch'] {
  const sync: SyncFact[] = []
  const rebuild: string[] = []
  for (const rule of own.all('develop', 'watch').flatMap((layer) => layer.items())) {
    const written = own.text(rule.get('path'))
    const path = written === undefined ? undefined : pathIn(folderOf(rule.place.file), written)
    const [action = '', to] = [rule.get('action').text(), own.text(rule.get('target'))]
    if (path === undefined) continue
    if (/^sync(\+restart|\+exec)?$/.test(action) && to !== undefined) {
      const only = rule
        .get('include')
        .texts()
        .map((pattern) => (path === '.' ? pattern : `${path}/${pattern}`))
      sync.push({ from: path, to, exclude: rule.get('ignore').texts(), only, ...after(action, rule) })
    } else if (/^(rebuild|restart)$/.test(action)) rebuild.push(path)
  }
  return { sync, rebuild }
}

/** What Compose does when files have arrived. */
function after(action: string, rule: Item): Pick<SyncFact, 'run' | 'restart'> {
  if (action === 'sync+restart') return { restart: true }
  const command = rule.get('exec', 'command')
  const line = command.text() ?? shellLine(command.texts())
  return action === 'sync+exec' && line !== '' ? { run: [line] } : {}
}
