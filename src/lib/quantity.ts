const units: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
}

/** Bytes of a Kubernetes quantity of memory: 64Mi, 1.5Gi, 128974848. NaN for an invalid one. */
export function bytesOf(quantity: string): number {
  return amountOf(quantity)
}

/** Thousandths of a CPU: 50m, 0.5, 2, or 12345678n as in metrics. NaN for an invalid quantity. */
export function milliCpuOf(quantity: string): number {
  return Math.round(amountOf(quantity) * 1000)
}

/** Thousandths of a CPU as a Kubernetes quantity: `250m`, `2`. */
export function cpuQuantity(milli: number): string {
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`
}

/** Bytes as a Kubernetes quantity in the largest binary unit without a remainder: `512Mi`, `2Gi`. */
export function memoryQuantity(bytes: number): string {
  const unit = ['Gi', 'Mi', 'Ki'].find((name) => bytes % (units[name] ?? 1) === 0 && bytes > 0) ?? ''
  return `${bytes / (units[unit] ?? 1)}${unit}`
}

function amountOf(quantity: string): number {
  const [, number, unit = ''] = /^([\d.]+(?:e\d+)?)([A-Za-z]*)$/.exec(quantity) ?? []
  return Number(number) * (units[unit] ?? Number.NaN)
}
