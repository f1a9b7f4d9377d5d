/** Whether an entry of `build.contexts` is a folder of this machine: not a service, an image or an address. */
export function isFolderContext(source: string): boolean {
  return !/^([a-z][a-z0-9+.-]*:|git@)/i.test(source)
}

/** The service that an entry of `build.contexts` names; undefined for other entries. */
export function serviceOfContext(source: string): string | undefined {
  return /^service:(.*)$/.exec(source)?.[1]
}
