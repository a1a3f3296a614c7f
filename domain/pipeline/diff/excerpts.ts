/**
 * Two texts cut to so many characters around the place where they first differ, so that both show the difference; each
 * ellipsis stands for what is left out.
 */
export function excerpts(left: string, right: string, length: number): [left: string, right: string] {
  const longest = Math.max(left.length, right.length);
  const shortest = Math.min(left.length, right.length);
  let place = 0;
  while (place < shortest && left[place] === right[place]) place += 1;
  const from = longest <= length ? 0 : Math.max(0, Math.min(place - Math.floor(length / 4), longest - length));
  const cut = (text: string): string =>
    `${from > 0 ? '…' : ''}${text.slice(from, from + length)}${text.length > from + length ? '…' : ''}`;
  return [cut(left), cut(right)];
}
