import { expect, test } from 'vitest'
import { instructions, lineOfStep } from '../../../../src/images/build/dockerfile.ts'
import { withCertificates } from '../../../../src/images/build/dockerfile-certificates.ts'

const dockerfile = `# syntax=docker/dockerfile:1
FROM node AS build
# comment
run npm ci && \\
    # inside
    npm run build
RUN <<EOF
RUN not an instruction
EOF
COPY --from=build /a /b

from scratch \\
  as last
RUN ["x"]
ONBUILD RUN later
`

test('instructions are found across continued lines, comments and here-documents', () => {
  expect(instructions(dockerfile).map(({ line, keyword }) => `${line} ${keyword}`)).toEqual([
    '2 FROM',
    '4 RUN',
    '7 RUN',
    '10 COPY',
    '12 FROM',
    '14 RUN',
    '15 ONBUILD',
  ])
})

test('the escape directive changes the continuation character', () => {
  expect(instructions('# escape=`\nRUN a `\n b\nRUN c\\\nRUN d').map(({ text }) => text)).toEqual(['a  b', 'c\\', 'd'])
})

test('a step of BuildKit is found by its text', () => {
  expect(lineOfStep(dockerfile, '[build 2/3] RUN npm ci &&     npm run build')).toBe(4)
  expect(lineOfStep(dockerfile, '[build 3/3] COPY --from=build /a /b')).toBe(10)
  expect(lineOfStep(dockerfile, '[internal] load metadata')).toBeUndefined()
})

test('each RUN gets the CA bundle and each stage the variables, and nothing else changes', () => {
  const lines = withCertificates(dockerfile).split('\n')
  const mount = '--mount=type=secret,id=devk-ca,target=/run/devk/ca.pem,mode=0444'
  expect(
    lines.filter((line) => line.startsWith('ARG SSL_CERT_FILE=/run/devk/ca.pem NODE_EXTRA_CA_CERTS=')),
  ).toHaveLength(2)
  expect(lines.slice(2, 5)).toEqual(['# comment', expect.stringMatching(/^ARG /), `run ${mount} npm ci && \\`])
  expect(lines).toContain(`RUN ${mount} <<EOF`)
  expect(lines).toContain('RUN not an instruction')
  expect(lines).toContain(`RUN ${mount} ["x"]`)
  expect(lines).toContain('ONBUILD RUN later')
  expect(lines.indexOf('  as last')).toBe(lines.indexOf('from scratch \\') + 1)
})
