import { instructions } from './dockerfile.ts'

const target = '/run/devk/ca.pem'

/** The variables from which OpenSSL, Node, Python, curl, git, Cargo and the AWS tools read a CA bundle. */
const variables = [
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
  'PIP_CERT',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
  'AWS_CA_BUNDLE',
]

/**
 * A copy of a Dockerfile whose RUN steps use the CA bundle in the build secret `devk-ca`. The image stays the same: an
 * ARG is not part of the environment of the image, and the mount of a secret is not part of a layer. ENV lines of the
 * Dockerfile take precedence.
 */
export function withCertificates(dockerfile: string): string {
  const lines = dockerfile.replace(/^\uFEFF/, '').split(/\r?\n/)
  const starts = new Map(instructions(dockerfile).map((instruction) => [instruction.line, instruction]))
  const args = `ARG ${variables.map((name) => `${name}=${target}`).join(' ')}`
  const result: string[] = []
  let afterFrom = false
  for (const [index, line] of lines.entries()) {
    const instruction = starts.get(index + 1)
    // The ARG goes before the next instruction, because FROM may span several lines.
    if (instruction && afterFrom) result.push(args)
    if (instruction) afterFrom = instruction.keyword === 'FROM'
    result.push(instruction?.keyword === 'RUN' ? line.replace(/^(\s*RUN)(?=\s|\\|$)/i, `$1 ${mount}`) : line)
  }
  return result.join('\n')
}

const mount = `--mount=type=secret,id=devk-ca,target=${target},mode=0444`
