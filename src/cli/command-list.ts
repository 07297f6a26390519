/** What people want when they look for a command. */
export type CommandGroup = 'Projects' | 'Clusters' | 'Traffic' | 'Help'

/** One command as `ap --help` lists it. */
export interface CommandEntry {
  readonly name: string
  readonly group: CommandGroup
  readonly summary: string
}

/** Every command of `ap`, in the order of its help. Data only: whoever asks what there is loads no command. */
export const commandList = [
  { name: 'demo', group: 'Projects', summary: 'Run the same canary on every mesh, with nothing installed' },
  { name: 'init', group: 'Projects', summary: 'Begin a new operator project' },
  {
    name: 'generate',
    group: 'Projects',
    summary: 'Renew what is generated of a project, and add stubs for what is yours to write',
  },
  { name: 'lint', group: 'Projects', summary: 'Find what is wrong with a project, or with objects in files' },
  { name: 'graph', group: 'Projects', summary: 'Draw the phases of a project' },
  { name: 'test', group: 'Projects', summary: "Run a project's tests in the simulator" },
  { name: 'dev', group: 'Projects', summary: 'Run a project while you write it, on a control plane of its own' },
  { name: 'switch', group: 'Projects', summary: 'Change the mesh of a project, by one word' },
  { name: 'build', group: 'Projects', summary: 'Build the container image of a project, without a daemon' },
  { name: 'run', group: 'Clusters', summary: 'Run the operator of a project on a cluster' },
  { name: 'deploy', group: 'Clusters', summary: 'Deploy the operator of a project to a cluster' },
  { name: 'status', group: 'Clusters', summary: 'Show how a deployed operator is, and what it works on' },
  { name: 'get', group: 'Clusters', summary: 'Show the resources of a project’s kind, or all about one of them' },
  { name: 'pause', group: 'Clusters', summary: 'Hold a resource in its phase, with its traffic as it is' },
  { name: 'resume', group: 'Clusters', summary: 'Let a paused resource go on' },
  { name: 'promote', group: 'Clusters', summary: 'Tell a resource to go ahead, as its workflow declares it' },
  { name: 'abort', group: 'Clusters', summary: 'Tell a resource to give up and go back, likewise' },
  { name: 'retry', group: 'Clusters', summary: 'Tell a resource to begin again, likewise' },
  { name: 'command', group: 'Clusters', summary: 'Tell a resource what another verb of its workflow says' },
  { name: 'logs', group: 'Clusters', summary: 'Show what a deployed operator says' },
  {
    name: 'doctor',
    group: 'Clusters',
    summary: 'Find what keeps a project from running: project, cluster, mesh, metrics, rights',
  },
  { name: 'undeploy', group: 'Clusters', summary: 'Take the operator of a project off a cluster' },
  { name: 'translate', group: 'Traffic', summary: 'Translate traffic rules from any mesh to another' },
  { name: 'route', group: 'Traffic', summary: 'Explain where a mesh sends a request' },
  { name: 'capabilities', group: 'Traffic', summary: 'Show what each mesh can do, natively or not' },
  { name: 'explain', group: 'Help', summary: 'Explain a code, an output, or a phase of the project in this folder' },
  {
    name: 'completion',
    group: 'Help',
    summary: 'Print what makes a shell complete commands, options, meshes, phases and names',
  },
  { name: 'version', group: 'Help', summary: 'Print the versions of ap and of the Node that runs it' },
] as const satisfies readonly CommandEntry[]

export type CommandName = (typeof commandList)[number]['name']
