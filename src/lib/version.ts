import coerce from 'semver/functions/coerce.js'
import satisfies from 'semver/functions/satisfies.js'

/**
 * Whether the first version in a text lies in a range of npm's syntax, such as `>=1.31 <1.40`. The text may be what a
 * program prints (`go version go1.24.2 linux/amd64`) or a package's version (`26.1.5+dfsg1`). A prerelease comes before
 * its release: `0.30.0-alpha` is not in `>=0.30.0`, but it is in `>=0.30`. False for a text without a version.
 */
export function inRange(text: string, range: string): boolean {
  const version = coerce(text, { includePrerelease: true })
  return version !== null && satisfies(version, range, { includePrerelease: true })
}
