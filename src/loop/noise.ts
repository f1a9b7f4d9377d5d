/** What tools and editors leave beside the files they work on. Nothing in an image depends on it, and it comes with every save. */
const noise = [
  /^\.git$/,
  /^\.DS_Store$/,
  /~$/,
  /^\.#/,
  /^#.*#$/,
  /^\..*\.sw[opx]$/,
  /^4913$/,
  /___jb_(tmp|old)___$/,
  /^\.goutputstream-/,
]

/** Whether a path, relative to a watched folder, is such a file or lies in such a folder. */
export function isNoise(path: string): boolean {
  return path.split('/').some((name) => noise.some((pattern) => pattern.test(name)))
}
