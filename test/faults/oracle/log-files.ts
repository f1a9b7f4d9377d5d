import { docker } from '../../support/docker.ts'

/** The numbers that the lines begin with after which the kubelet has rotated the log of a pod of namespace default. */
export async function rotatedAfter(node: string, pod: string): Promise<number[]> {
  const last = `case $f in *.gz) zcat $f;; *) cat $f;; esac | tail -n 1`
  const script = `for f in /var/log/pods/default_${pod}_*/*/*; do ${last}; echo; done`
  const lines = (await docker('exec', node, 'sh', '-c', script)).split('\n')
  // A line of a file is: time, stream, a tag, and the text.
  return lines.map((line) => Number.parseInt(line.split(' ')[3] ?? '', 10)).filter((number) => !Number.isNaN(number))
}

/** The log files of a pod of namespace default with their sizes and last lines, to be shown when a run fails. */
export function logFiles(node: string, pod: string): Promise<string> {
  const files = `/var/log/pods/default_${pod}_*/*/*`
  return docker(
    'exec',
    node,
    'sh',
    '-c',
    `ls -la --time-style=full-iso ${files}; tail -qn1 ${files} | cut -c1-80; true`,
  )
}
