/** How the configuration names the chart of a release. */
export interface ChartSource {
  /** Path of a folder or archive, a URL with `oci:` or `https:`, or a name in `repo`. */
  readonly chart: string
  readonly repo?: string | undefined
  /** The version, or a range such as `^1.2`. */
  readonly version?: string | undefined
}

/** Whether a chart lies in a registry, in a repository or behind a URL, so that it must be fetched. Pure. */
export function isRemoteChart({ chart, repo }: ChartSource): boolean {
  return repo !== undefined || /^[a-z][a-z0-9+.-]*:\/\//i.test(chart)
}

/** What is wrong with the names of a chart, as key, sentence and fix; undefined for nothing. Pure. */
export function chartMistake(
  source: ChartSource,
): { key: keyof ChartSource; message: string; fix: string } | undefined {
  const { chart, repo, version } = source
  if (!isRemoteChart(source)) {
    if (version === undefined) return undefined
    return {
      key: 'version',
      message: 'is for charts of a repository; this one is a file',
      fix: 'remove it, or set repo',
    }
  }
  const key = repo === undefined ? 'chart' : 'repo'
  const url = URL.parse(repo ?? chart)
  if (url === null || !isUrl(repo ?? chart) || url.hostname === '') {
    return {
      key,
      message: 'is not a URL of a repository or registry',
      fix: 'write https://charts.example.com or oci://registry.example.com/charts',
    }
  }
  if (url.username !== '' || url.password !== '') {
    return { key, message: 'contains credentials', fix: 'give them to helm: `helm repo add` or `helm registry login`' }
  }
  if (repo !== undefined && !/^[a-zA-Z0-9][\w./-]*$/.test(chart)) {
    return { key: 'chart', message: `is not the name of a chart in ${repo}`, fix: 'write the name only, such as redis' }
  }
  const last = chart.split('/').at(-1) ?? ''
  if (url.protocol === 'oci:' && /[:@]/.test(last)) {
    return { key: 'chart', message: 'must not contain a tag or digest', fix: 'write the tag as version' }
  }
  if (repo === undefined && url.protocol !== 'oci:' && version !== undefined) {
    return { key: 'version', message: 'does not apply to a URL, which is one version', fix: 'remove it, or set repo' }
  }
  return undefined
}

function isUrl(text: string): boolean {
  return /^(oci|https?):\/\//.test(text)
}
