import type { Service } from '../../config/schema.ts'
import { imageName } from '../../lib/image-reference.ts'

/**
 * The service whose image a Dockerfile of another service names. Its tag counts if the service names one. The name of
 * an official image, without a slash, is a service only without a version: `FROM redis:8` is not the service `redis`.
 * Pure.
 */
export function serviceBuilding(
  reference: string,
  services: Readonly<Record<string, Pick<Service, 'image' | 'build'>>>,
  except: string,
): string | undefined {
  if (reference.includes('@')) return undefined
  const wanted = imageName(reference)
  const isSame = (service: string, image: string | undefined): boolean => {
    const own = imageName(image ?? service)
    if (own.path !== wanted.path || (own.registry !== '' && own.registry !== wanted.registry)) return false
    if (own.tag !== undefined) return own.tag === (wanted.tag ?? 'latest')
    const isShort = !own.path.includes('/') && own.registry === ''
    return !isShort || (wanted.registry === '' && (wanted.tag ?? 'latest') === 'latest')
  }
  const found = Object.entries(services).find(
    ([name, { build, image }]) => name !== except && build !== undefined && isSame(name, image),
  )
  return found?.[0]
}
