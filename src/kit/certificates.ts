const pem = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** The certificates in `bundle` that are not in `known`, each as one PEM block. Both are texts with PEM blocks. */
export function additionalCertificates(bundle: string, known: string): string[] {
  const normal = (block: string): string => block.replaceAll(/\s+/g, '')
  const seen = new Set((known.match(pem) ?? []).map(normal))
  const added: string[] = []
  for (const block of bundle.match(pem) ?? []) {
    if (seen.has(normal(block))) continue
    seen.add(normal(block))
    added.push(`${block.replaceAll('\r\n', '\n')}\n`)
  }
  return added
}
