import { groupKindOf, type KubeObject } from '../kube/api.ts'
import { isRecord } from '../lib/record.ts'

/** A field of the configuration that names images: an entry of `deploy.images`. */
export interface ImageField {
  /** `Tenant`, or `Tenant.example.com` with its API group. */
  readonly kind: string
  /** `spec.pools[*].image`, `spec.env[name=IMAGE].value` */
  readonly path: string
}

/** The images that an object names in these fields. Pure. */
export function imagesAt(object: KubeObject, fields: readonly ImageField[]): string[] {
  const found: string[] = []
  eachImage(object, fields, (image) => {
    found.push(image)
    return image
  })
  return found
}

/** A copy of an object with other images in these fields; the object itself if there are none. Pure. */
export function withImagesAt(
  object: KubeObject,
  fields: readonly ImageField[],
  replaced: (image: string) => string,
): KubeObject {
  if (imagesAt(object, fields).length === 0) return object
  const copy = structuredClone(object)
  eachImage(copy, fields, replaced)
  return copy
}

/**
 * Fields that no object of their kind has, as sentences that start with the path in the configuration. A kind that the
 * manifests lack may be part of another overlay.
 */
export function imageFieldProblems(objects: readonly KubeObject[], fields: readonly ImageField[]): string[] {
  return fields.flatMap((field, i) => {
    const own = objects.filter((object) => isOfKind(object, field.kind))
    if (own.length === 0 || own.some((object) => imagesAt(object, [field]).length > 0)) return []
    return [`deploy.images[${i}].path: no ${field.kind} of the manifests has a text at ${field.path}`]
  })
}

type Step = (value: unknown) => readonly (string | number)[]

function eachImage(object: KubeObject, fields: readonly ImageField[], change: (image: string) => string): void {
  for (const { kind, path } of fields) {
    if (isOfKind(object, kind)) walk(object, stepsOf(path), change)
  }
}

function walk(parent: unknown, [step, ...rest]: readonly Step[], change: (image: string) => string): void {
  if (step === undefined || typeof parent !== 'object' || parent === null) return
  const holder = parent as Record<string | number, unknown>
  for (const key of step(parent)) {
    if (rest.length > 0) walk(holder[key], rest, change)
    else if (typeof holder[key] === 'string' && holder[key] !== '') holder[key] = change(holder[key])
  }
}

function isOfKind(object: KubeObject, kind: string): boolean {
  const [name = '', ...group] = kind.split('.')
  const own = groupKindOf(object)
  return group.length === 0 ? own.endsWith(`/${name}`) : own === `${group.join('.')}/${name}`
}

/** The steps of a path of the configuration, which the schema has checked. */
function stepsOf(path: string): Step[] {
  const parts = path.matchAll(/\.?([\w-]+|\*)|\[(?:(\*)|(\d+)|"([^"]+)"|([\w-]+)=([^\]]+))\]/g)
  return [...parts].map(([, name, all, position, quoted, key = '', wanted]): Step => {
    if (name === '*' || all !== undefined) return keysOf
    if (position !== undefined) return () => [Number(position)]
    if (wanted === undefined) return () => [name ?? quoted ?? '']
    return (value) => keysOf(value).filter((each) => fieldOf(value, each, key) === wanted)
  })
}

function keysOf(value: unknown): readonly (string | number)[] {
  if (Array.isArray(value)) return [...value.keys()]
  return isRecord(value) ? Object.keys(value) : []
}

function fieldOf(value: unknown, key: string | number, field: string): string {
  const entry = (value as Record<string | number, unknown>)[key]
  return isRecord(entry) ? String(entry[field]) : ''
}
