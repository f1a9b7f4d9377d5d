/**
 * The modules, as `module version`, whose content is in `sums` but not in `known`, or there with another checksum. Both
 * are texts in the format of go.sum (https://go.dev/ref/mod#go-sum-files). Lines of go.mod files do not count: which of
 * them Go reads depends on its version, and code comes only from the content of modules.
 */
export function unknownModules(known: string, sums: string): string[] {
  const lines = new Set(known.split('\n'))
  return sums.split('\n').flatMap((line) => {
    const [module = '', version = ''] = line.split(' ')
    return lines.has(line) || version === '' || version.endsWith('/go.mod') ? [] : [`${module} ${version}`]
  })
}
