import type { Build } from './schema.ts'

/** What `docker buildx build` does not take for a folder. Whatever else has a colon is one. */
const elsewhere = /^(service:|target:|input:|git@|(docker-image|oci-layout|https?|git|ssh):\/\/)/i

/** Whether an image is made from a Dockerfile, and not by a command of the configuration. */
export function hasDockerfile(build: Build & { readonly command?: readonly string[] | undefined }): boolean {
  return build.command === undefined
}

/** Whether an entry of `build.contexts` is a folder of this machine: not a service, an image or an address. */
export function isFolderContext(source: string): boolean {
  return !elsewhere.test(source)
}

/** The service that an entry of `build.contexts` names; undefined for other entries. */
export function serviceOfContext(source: string): string | undefined {
  return /^service:(.*)$/.exec(source)?.[1]
}

/** The folder of an entry of `build.contexts` that is an image in a folder; undefined for other entries. */
export function layoutOfContext(source: string): string | undefined {
  return layout.exec(source)?.[2]
}

/** An entry with its folder changed, if it is an image in a folder. */
export function withLayout(source: string, change: (folder: string) => string): string {
  return source.replace(
    layout,
    (_all, scheme: string, folder: string, image: string) => scheme + change(folder) + image,
  )
}

const layout = /^(oci-layout:\/\/)(.*?)((?::[\w.-]+)?(?:@sha\d+:[0-9a-f]+)?)$/is
