/** Temporary files that editors and tools leave. Every save makes some, and no image depends on them. */
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

/** Whether a path, relative to a watched folder, is such a file or is below such a folder. */
export function isNoise(path: string): boolean {
  return path.split('/').some((name) => noise.some((pattern) => pattern.test(name)))
}
