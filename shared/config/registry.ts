import { formatRepository, parseRepository } from '../model/index.ts';

/** Where the images of a repository are kept when slipway.yml does not say it. */
export const defaultRegistry = (repository: string): string =>
  `ghcr.io/${repository.split('/').map(component).join('/')}`;

/** The repository of a service's image below a registry. */
export const repositoryIn = (registry: string, service: string): string => `${registry}/${component(service)}`;

/** A registry as it is written elsewhere: host and path, in lower case. Throws `config-invalid`. */
export function readRegistry(text: string): string {
  // A host alone is a registry as well; with a name below it, it is a repository that can be checked.
  const below = '/x';
  return formatRepository(parseRepository(text.trim().replace(/\/+$/, '') + below)).slice(0, -below.length);
}

/** A name as the path of a repository may have it: lower case, single separators, none at the ends. */
function component(name: string): string {
  const lower = name.toLowerCase().replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return lower.replace(/[^a-z0-9]+/g, (run) => (/^(\.|_|__|-+)$/.test(run) ? run : '-')) || 'service';
}
