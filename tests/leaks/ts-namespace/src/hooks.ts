export namespace Hooks {
  export interface Hook {
    name: string;
    test: (value: string) => boolean;
    seen: string[];
  }

  const byName: Record<string, Hook[]> = {};

  export function register(name: string, test: (value: string) => boolean) {
    const group = name.slice(0, 2);
    (byName[group] ??= []).push({ name, test, seen: [] });
  }
}
