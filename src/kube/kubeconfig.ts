/** The value of a kubeconfig, which is YAML or JSON. Throws the YAML parser's error. */
export async function kubeconfigValue(text: string): Promise<unknown> {
  return jsonValue(text) ?? (await import('../lib/yaml.ts')).yamlValue(text)
}

/** undefined for what is no JSON object. */
function jsonValue(text: string): unknown {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
