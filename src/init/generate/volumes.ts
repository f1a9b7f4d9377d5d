import type { ComposeMount, ComposeService } from '../../readers/compose/model.ts'
import type { Repository } from '../../readers/facts.ts'
import { below, isIn } from '../../readers/paths.ts'
import { keyName, kubeName } from './names.ts'

/** Volumes of a pod, with the objects behind them. */
export interface Volumes {
  readonly volumes: readonly object[]
  readonly mounts: readonly object[]
  readonly claims: readonly object[]
  /** Data of ConfigMaps by their names. */
  readonly configs: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** What is left out, as sentences. */
  readonly left: readonly string[]
}

/** A ConfigMap holds a megabyte at most. */
const mostBytes = 500_000
const mostFiles = 100

/** Folders that images fill themselves, and that an empty volume would hide. */
const ofImage =
  /(^|\/)(node_modules|vendor|\.?venv|site-packages|target|\.next|\.cache|__pycache__|\.gradle|\.m2)(\/|$)/

/**
 * The volumes of a service. Source that a build copies into the image is no volume: devk syncs it. Files of the
 * repository become ConfigMaps, everything else that must stay becomes a claim. Pure.
 */
export function volumesOf(service: ComposeService, repository: Repository): Volumes {
  const name = kubeName(service.name)
  const volumes: object[] = []
  const mounts: object[] = []
  const claims: object[] = []
  const configs: Record<string, Record<string, string>> = {}
  const left: string[] = []
  for (const [index, mount] of service.mounts.entries()) {
    const { type, target, written, readOnly } = mount
    const volume = `volume-${index}`
    const add = (source: object, more: object = {}) => {
      volumes.push({ name: volume, ...source })
      mounts.push({ name: volume, mountPath: target, ...(readOnly ? { readOnly } : {}), ...more })
    }
    const claim = (own: string, access: string) => {
      const spec = { accessModes: [access], resources: { requests: { storage: '1Gi' } } }
      claims.push({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: own }, spec })
      add({ persistentVolumeClaim: { claimName: own } })
    }
    if (type === 'tmpfs') add({ emptyDir: { medium: 'Memory' } })
    else if (type === 'anonymous' || isInImage(mount, service)) continue
    else if (type === 'volume') claim(kubeName(written), 'ReadWriteOnce')
    else {
      const files = filesOf(mount, repository)
      if (files === 'missing') claim(`${name}-${index}`, 'ReadWriteOnce')
      else if (typeof files === 'string') left.push(`${written} at ${target}: ${files}`)
      else {
        const config = `${name}-${index}`
        const [first] = files
        configs[config] = Object.fromEntries(files.map(({ key, text }) => [key, text]))
        const items = files.map(({ key, path }) => ({ key, path }))
        const isFile = files.length === 1 && first?.path === '.'
        if (isFile) add({ configMap: { name: config } }, { subPath: first.key })
        else add({ configMap: { name: config, items } })
      }
    }
  }
  return { volumes, mounts, claims, configs, left }
}

/** Whether the image has these files itself: the build copies them, or it installs them. */
function isInImage({ type, source, target }: ComposeMount, { build }: ComposeService): boolean {
  if (build === undefined) return false
  if (type === 'volume') return ofImage.test(target)
  return source !== undefined && (isIn(source, build.context) || isIn(build.context, source))
}

interface ConfigFile {
  readonly key: string
  /** Relative to the mounted folder; `.` for a file that is mounted itself. */
  readonly path: string
  readonly text: string
}

/** The files of a bind mount; `missing` if nothing is there, or why they fit into no ConfigMap. */
function filesOf({ source }: ComposeMount, repository: Repository): ConfigFile[] | string {
  if (source === undefined) return 'it is outside the repository'
  const files = repository.files.filter((file) => isIn(file, source))
  if (files.length === 0) return 'missing'
  if (files.length > mostFiles) return 'it has too many files for a ConfigMap'
  const read = files.map((file) => ({ file, text: repository.read(file) }))
  const found = read.flatMap(({ file, text }) =>
    text === undefined || /[\0\uFFFD]/.test(text)
      ? []
      : [
          {
            key: keyName(file === source ? (file.split('/').at(-1) ?? file) : below(source, file)),
            path: below(source, file),
            text,
          },
        ],
  )
  if (found.length < files.length) return 'it has files that are no text'
  const size = found.reduce((sum, { text }) => sum + text.length, 0)
  return size > mostBytes ? 'it is too large for a ConfigMap' : found
}
