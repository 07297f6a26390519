/**
 * The name of the Service that `service` of a TrafficSplit in a namespace is about, which may be written in full; undefined when it is one
 * of another namespace, of which such a split says nothing (smi-spec, traffic-split: the root service and its backends live beside the split).
 */
export function smiService(service: string, namespace: string): string | undefined {
  const [name = '', owner = namespace, svc = 'svc'] = service.split('.')
  return owner === namespace && svc === 'svc' && name !== '' ? name : undefined
}
