const binary: Readonly<Record<string, number>> = {
  '': 1,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
}

/** Bytes of a Kubernetes quantity of memory: 64Mi, 1.5Gi, 128974848. NaN for what is none. */
export function bytesOf(quantity: string): number {
  const [, number, unit = ''] = /^([\d.]+)([A-Za-z]*)$/.exec(quantity) ?? []
  return Number(number) * (binary[unit] ?? Number.NaN)
}

/** Thousandths of a CPU: 50m, 0.5, 2. NaN for what is none. */
export function milliCpuOf(quantity: string): number {
  const [, number, unit] = /^([\d.]+)(m?)$/.exec(quantity) ?? []
  return Number(number) * (unit === 'm' ? 1 : 1000)
}
