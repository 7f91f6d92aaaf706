// What a model and those it was trained from have heard of a collection. A recording that taught one of them can
// never judge it, nor what is trained from it; so it keeps its part in every later plan. Pure.

/** Ids of recordings by the part they had; an id is in one part only. */
export interface Heard {
  trained: readonly string[];
  watched: readonly string[];
  judged: readonly string[];
}

export const HEARD_NOTHING: Heard = { trained: [], watched: [], judged: [] };

/** Of several models together: what taught one of them has taught. */
export function mergeHeard(all: readonly Heard[]): Heard {
  const trained = new Set(all.flatMap((heard) => heard.trained));
  const watched = new Set(all.flatMap((heard) => heard.watched).filter((id) => !trained.has(id)));
  const judged = all.flatMap((heard) => heard.judged).filter((id) => !trained.has(id) && !watched.has(id));
  return { trained: [...trained], watched: [...watched], judged: [...new Set(judged)] };
}
