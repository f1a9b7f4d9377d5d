/** The object identifier of the extension. */
export const constraintsId = '2.5.29.30'

/** Tags of DER (X.690): a sequence, and the context-specific ones of NameConstraints and GeneralName in RFC 5280. */
const tags = { sequence: 0x30, permitted: 0xa0, excluded: 0xa1, dnsName: 0x82, ipAddress: 0x87 } as const

/**
 * The value of the extension name constraints (RFC 5280, section 4.2.1.10) in DER: an authority with it signs for these
 * DNS names and what lies below them, and for no IP address. Written here and not by a library, since each `up` looks
 * for it in the certificate: Node does not show the extension, and loading `@peculiar/x509` would add a tenth of a
 * second to each. Pure.
 */
export function nameConstraints(names: readonly string[]): Buffer {
  const permitted = [...names].sort().map((name) => der(tags.sequence, der(tags.dnsName, Buffer.from(name, 'ascii'))))
  // Without these two, a type that is not mentioned would be permitted. An address has as many bytes as its mask.
  const excluded = [4, 16].map((bytes) => der(tags.sequence, der(tags.ipAddress, Buffer.alloc(2 * bytes))))
  return der(tags.sequence, der(tags.permitted, ...permitted), der(tags.excluded, ...excluded))
}

/** One value of DER with its tag and length. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content])
}

/** Lengths of 128 and more are written as the number of their bytes, then these bytes. */
function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}
