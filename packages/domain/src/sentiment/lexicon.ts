/**
 * What people say about software, service and the people behind it. Each line is one word with its inflections, and the
 * first of them names the theme. General lexicons (AFINN) rate hundreds of words that notes only mention: problem,
 * emergency, risk, critical, support, work, win. What is missing here says nothing.
 */

/** What a word says where it stands for itself. */
export interface Opinion {
  readonly sign: "+" | "-";
  /** 2: says enough alone. 1: needs a second one. */
  readonly strength: 1 | 2;
  /** The name of the theme. */
  readonly theme: string;
  /** Whether "not" makes a complaint of it that says enough alone: "not reliable", but not "not easy". */
  readonly judges: boolean;
}

const lines = (text: string) => text.trim().split(/\s*\n\s*/);

const STRONG_PRAISE = lines(`
  love loved loves loving lovely
  adore adored adores
  delighted delight delightful delights
  thrilled thrilling
  amazing amazed amazingly
  awesome
  excellent excellently
  fantastic fantastically
  wonderful wonderfully
  brilliant brilliantly
  superb superbly
  outstanding
  terrific
  fabulous
  exceptional exceptionally
  exemplary
  impressed impresses impressive impressively
  happy happier happiest happily
  glad gladly
  pleased pleasing
  satisfied satisfying satisfies
  enthusiastic enthusiastically enthusiasm
  excited exciting
  ecstatic
  overjoyed
  grateful
  appreciated appreciates appreciate appreciative
  perfect perfectly
  praised praise praises praising
  flawless flawlessly
  proud proudly
  enjoyed enjoy enjoys enjoying enjoyable
  great greatest
  kudos
  marvellous marvelous
  magnificent
  splendid
  stellar
  phenomenal
  incredible
`);

const PRAISE = lines(`
  good
  better
  best
  nice nicely nicer nicest
  helpful
  useful
  reliable reliably
  stable
  responsive
  intuitive
  efficient efficiently
  friendly friendlier
  professional professionally
  competent
  knowledgeable
  valuable
  attentive
  courteous
  pleasant pleasantly
  acceptable
  usable
  trust trusted trusts
`);

/** Praise that turns into little when it is negated. */
const LIGHT_PRAISE = lines(`
  easy easily easier easiest
  fast faster fastest
  quick quickly quicker quickest
  prompt promptly
  smooth smoothly smoother
  simple simpler
  seamless seamlessly
  solved resolved fixed
  improved improves improvement improvements
  success successful successfully
  thanks thank thanked thankful
  congratulated congratulates congratulations
  recommended recommends recommend
  eager
  keen
  confident
  positive positively
  fun
  well
`);

const STRONG_COMPLAINT = lines(`
  angry angrily angrier anger angered
  furious furiously
  outraged outrageous outrage
  irate
  livid
  disappointed disappointing disappointment disappoints disappoint disappointingly
  frustrated frustrating frustration frustrates frustratingly
  annoyed annoying annoyance annoys
  irritated irritating
  upset upsetting
  unhappy
  dissatisfied dissatisfying dissatisfaction
  unsatisfied unsatisfactory unsatisfying
  discontented discontent
  displeased
  dismayed
  appalled appalling
  terrible terribly
  awful awfully
  horrible horribly horrendous horrific
  dreadful dreadfully
  atrocious
  abysmal
  unacceptable
  inexcusable
  intolerable
  unbearable
  useless
  worthless
  pathetic
  disastrous
  catastrophic
  nightmare
  worst
  hate hated hates
  incompetent incompetence
  unprofessional
  rude rudely
  unreliable
  unusable
  unhelpful
  disgusted disgusting
  ridiculous
  embarrassing embarrassed
  shameful
  lousy
  crap crappy shit shitty
  sucks
  exasperated exasperating
`);

const COMPLAINT = lines(`
  broken broke breaks
  failed fails failing
  crashed crashing
  slow slowly slower slowest slowness sluggish
  wrong wrongly
  incorrect incorrectly
  unclear
  confusing confused confuses confusion
  difficult
  complicated
  cumbersome
  clumsy
  poor poorly poorer
  bad badly
  worse worsened worsening
  late
  unresponsive
  unstable
  unavailable
  buggy
  lacking
  laggy lagging
  lost loses losing
  stuck
  struggling struggles struggled struggle
  expensive overpriced
  inadequate
  inefficient
  outdated
  worried worries worry worrying
  concerned
  doubts doubtful
  sceptical skeptical
  ignored ignores ignoring
  refuses refused
  corrupted corrupt
  shocked shocking
  painful painfully
  complained complains complain complaining
  messy
  tedious
  ugly
`);

/** What happens to products. In notes they are topics; as complaints they come with how many, how bad, or how often. */
const TROUBLES = lines(`
  outage outages
  bug bugs
  crash crashes
  delay delays delayed
  failure failures
  downtime downtimes
  error errors
  defect defects
  interruption interruptions
  glitch glitches
  complaint complaints
`);
/** As the lines above, but too common to be a theme. */
const UNNAMED_TROUBLES = lines(`
  problem problems
  issue issues
  trouble troubles
  incident incidents
`);

const families = (all: readonly string[], opinion: Omit<Opinion, "theme">): [string, Opinion][] =>
  all.flatMap((line) => {
    const words = line.split(" ");
    return words.map((word): [string, Opinion] => [word, { ...opinion, theme: words[0] ?? word }]);
  });

export const OPINIONS: ReadonlyMap<string, Opinion> = new Map([
  ...families(STRONG_PRAISE, { sign: "+", strength: 2, judges: true }),
  ...families(PRAISE, { sign: "+", strength: 1, judges: true }),
  ...families(LIGHT_PRAISE, { sign: "+", strength: 1, judges: false }),
  ...families(STRONG_COMPLAINT, { sign: "-", strength: 2, judges: true }),
  ...families(COMPLAINT, { sign: "-", strength: 1, judges: false }),
]);

const themed = (all: readonly string[]) =>
  all.flatMap((line) => line.split(" ").map((word) => [word, line.split(" ")[0]] as const));

/** Troubles by word; without a theme where the word says too little. */
export const TROUBLE: ReadonlyMap<string, string | undefined> = new Map([
  ...themed(TROUBLES),
  ...UNNAMED_TROUBLES.flatMap((line) => line.split(" ").map((word) => [word, undefined] as const)),
]);

/** Whether a word is one that this lexicon rates. */
export const isOpinionWord = (word: string) => OPINIONS.has(word) || TROUBLE.has(word);

const set = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Turn round what follows, up to the end of its part of the sentence. */
export const NEGATORS = set(`
  no not never nobody none neither nor without hardly barely cannot can't couldn't isn't aren't wasn't weren't don't
  doesn't didn't haven't hasn't hadn't won't wouldn't shouldn't ain't zero nothing cant dont doesnt isnt wasnt didnt wont
`);
/** Where a negation ends: "no issues and happy users". */
export const NEGATION_ENDS = set("and but because so which who while although though however yet except");

/** Make enough of a word that says little alone. */
export const BOOSTERS = set(`
  very really so extremely absolutely incredibly super highly truly totally completely particularly exceptionally
  unbelievably remarkably awfully terribly overwhelmingly hugely genuinely deeply consistently
`);
export const EXCESS = set("too overly");

/** What makes a topic a complaint: how many there are, how bad they are, how often they come. */
export const SEVERE = set(`
  many several constant constantly repeated repeatedly recurring frequent frequently serious severe major huge massive
  endless countless numerous continuous continual persistent another terrible awful horrible second third fourth fifth
`);
export const RECURRENT = set("again repeatedly constantly always keeps keep everywhere");

/** Wishes and conditions: what follows is not so, or not yet. */
export const WISHES = set(`
  would should could might may must hope hopes hoping hoped want wants wanted wish wishes expect expects expected need
  needs needed if unless whether ensure ensures
`);

/** What was made, tried out or shown. "Angry customer scenario shown": even strong words may name a kind of thing. */
export const WORKED_ON = set(`
  explained presented showed shown show shows planned planning documented trained tested prepared translated simulated
  monitored configured exported listed lists analysed analyzed collected rehearsed practised practiced demonstrated
  introduced added written calculated highlighted displays displayed scenario persona glossary drill
`);
/** What notes say that was done, or will be. Of what it was done with, troubles and little complaints are the topic. */
export const DEALT_WITH: ReadonlySet<string> = new Set([
  ...WORKED_ON,
  ...set(`
    discussed discussing reviewed reviewing explaining scheduled booked agreed asked asking sent updated postponed moved
    checked requested reported talked covered ran mentioned forwarded topic topics agenda procedure checklist
  `),
]);
/** A trouble that is over; so is a little complaint beside it. */
export const RESOLVED = set(`
  solved fixed resolved restored corrected repaired handled closed replaced cleared remedied mitigated gone
`);
export const RESOLVING: ReadonlySet<string> = new Set([
  ...RESOLVED,
  ...set("fix solve resolve fixes solution solves resolves repair workaround help helped"),
]);
/** After a trouble they make a thing of it that people work with: an error code, an outage report. */
export const WORK_WITH = set(`
  process plan planning review report reports reporting list lists management handling register code codes log logs
  message messages test tests drill budget rate rates analysis tracking tracker procedure policy prevention detection
  recovery window template number numbers path workflow page pages form desk team manager call queue dump dumps fix
`);

/** Fixed expressions that only sound like opinions. */
export const MENTIONED: readonly RegExp[] = [
  /\bbest[ -](practices?|regards|wishes|efforts?|cases?|before|buy|time|way|price)\b/g,
  /\bat best\b|\bworst[ -]cases?\b|\bwell[ -]known\b|\bas well\b|\bwell as\b/g,
  /\b(kind|warm|best) regards\b|\bgood (morning|afternoon|evening|day|night|friday|faith|to go|to know)\b/g,
  /\bgreat (britain|lakes|wall)\b|\b(un)?happy (path|flow|case|hour|new year|birthday|easter|holidays)\b/g,
  /\b(happy|glad|pleased|delighted) to (?!(be|see|hear|have|use|work)\b)\w+/g,
  /\bdisaster[ -]recovery\b|\bhate (speech|crime|to)\b|\banger management\b|\b(the|its|their|new|web|rich|static) content\b/g,
  /\bno (longer|doubt|wonder|matter)\b(?= (that|how|what|whether))/g,
  /\b(fast|slow) (lane|track|forward|food|motion)\b|\bwrong number\b|\blost and found\b|\bslow quer(y|ies)\b/g,
  /\bperfect forward\b|\bthank(s| you) for (the|your) (invoice|invitation|order|mail|e-?mail|message|call)\b/g,
  /\bprofessional (services?|plan|licen[cs]es?|edition)\b|\bpoor man's\b|\bbad (debts?|sectors?|gateway|request)\b/g,
  /\b(open|dead|broken) (links?) (report|list|check)\b|\bthe (late|early) (shift|slot)\b/g,
  /\bquick (call|chat|sync|question|start|guide|win|wins|check|update|intro|catch[ -]?up|note|reminder|look)\b/g,
  /\bsimple (question|export|report|test|setup|example)\b|\bpositive list\b|\bsuccess (manager|management|plan|team|story|stories|criteria|metrics?)\b/g,
  /\btrust (center|centre|store|level)\b|\bgreat deal\b|\bfail(ed|ing)?[ -]?(over|safe|back)\b/g,
];

/** Fixed expressions that are opinions, with what they say. `theme` names them where it is worth counting. */
export const IDIOMS: readonly (readonly [RegExp, "+" | "-" | "", 1 | 2, theme?: string])[] = [
  [
    /\bnothing (much )?to complain\b|\bno complaints?\b|\b(not|isn't|wasn't|aren't) (too |so |that )?bad\b|\bno worries\b/g,
    "",
    1,
  ],
  [/\bno (longer|more) (a )?(problem|issue)s?\b/g, "", 1],
  [
    /\b(can't|cannot|can not|couldn't|could not)\b.{0,20}\b(say|praise|thank|recommend|express|stress)\b.{0,30}\benough\b.{0,12}?\b(good|great|nice|positive)? ?(things)?\b/g,
    "+",
    2,
  ],
  [/\b(can't|cannot|can not) wait\b/g, "+", 1],
  [/\b(never|not) (been|felt|looked|worked|run|had) (a |so )?(better|happier|easier|smoother)\b/g, "+", 2],
  [/\b(never|not) (been|felt|looked|worked|run|had) (a )?worse\b/g, "-", 2],
  [
    /\bbest (\w+ ){1,3}ever\b|\bbest ever\b|\bover the moon\b|\b(five|5) stars\b|\b(would|will) buy again\b/g,
    "+",
    2,
  ],
  [/\bjust works\b/g, "+", 1],
  [/\b(is|are|was|were|am|be|very|so) (very |quite |really )?content\b/g, "+", 2, "content"],
  [/\bneither\b.*\bnor\b.*/g, "", 1],
  [/\b(big|huge|great|real|a) fans?\b/g, "+", 2, "fan"],
  [/\b(can't|cannot|couldn't|could not) stop (praising|smiling|raving|thanking)\b/g, "+", 2, "praised"],
  [
    /\bthe best (support|service|team|product|tool|vendor|software|company|partner|provider|people|help|experience|training|app|platform)\b/g,
    "+",
    2,
    "best",
  ],
  [/\b(good|great|nice) (job|work|experience)\b/g, "+", 2, "good"],
  [/\bregret(s|ted|ting)? (?!to\b)/g, "-", 2, "regretted"],
  [/\b(can't|cannot|can not|couldn't|could not) stand\b/g, "-", 2],
  [/\b(is|are|was|were|got|so|very|really) mad\b/g, "-", 2, "mad"],
  [/\bmissed (\w+ ){0,2}deadlines?\b/g, "-", 1, "missed deadline"],
  [/\btrust (is|was|has been) (gone|lost|broken)\b/g, "-", 2, "lost trust"],
  [/\b(would|will|could|can) (never|not) recommend\b/g, "-", 2, "not recommended"],
  [/\bnever (\w+ly )?works\b/g, "-", 2, "not working"],
  [
    /\b(bad|poor) (experience|quality|service|support|communication|impression|job|performance|documentation)\b/g,
    "-",
    2,
    "bad",
  ],
  [
    /\b(quality|service|support|communication|performance|documentation) (is|was) (so |too |really |just )?(bad|poor)\b/g,
    "-",
    2,
    "bad",
  ],
  [
    /\bstill (\w+ly )?(broken|slow|wrong|down|unavailable|failing|fails|crashing|crashes|missing|late|unstable|buggy|confusing)\b/g,
    "-",
    2,
  ],
  [/\bnothing but (praise|good|compliments|love|positive)\b/g, "+", 2, "praised"],
  [
    /\bworks? like a charm\b|\bsecond to none\b|\btop[ -]notch\b|\bfirst[ -]class\b|\bgame[ -]changer\b/g,
    "+",
    2,
  ],
  [
    /\bwell done\b|\bthumbs up\b|\bhats off\b|\bspot on\b|\bkeep (it )?up the \w+ work\b|\bbeyond (all |our |their )?expectations\b/g,
    "+",
    2,
  ],
  [
    /\bexceed(s|ed|ing)? (all |our |their |my )?expectations\b|\ba (real |true |great )?pleasure to work\b/g,
    "+",
    2,
  ],
  [/\bwould(n't| not|) (never )?(want|like) to (work|be|live) without\b/g, "+", 2],
  [
    /\b(would|will|can) (definitely |highly |certainly |warmly |strongly )?recommend\b/g,
    "+",
    2,
    "recommended",
  ],
  [
    /\bsav(es|ed|ing) (us|them|me|everyone|\w+ team)? ?(a lot of |so much |many |lots of )?(time|hours|days|work|money)\b/g,
    "+",
    1,
  ],
  [
    /\b(works?|working|worked|runs?|running|ran|goes|went|going|performs?|performed) (((very|really|so|extremely) (well|fine|smoothly))|great|perfectly|flawlessly|beautifully)\b/g,
    "+",
    2,
    "well",
  ],
  [
    /\b(works?|working|worked|runs?|running|ran|goes|went|going|performs?|performed) (pretty |quite )?(well|fine|smoothly)\b/g,
    "+",
    1,
    "well",
  ],
  [/\b(everything|all \w+|it all) (is|are|was|were) (broken|wrong|down|late|slow)\b/g, "-", 2],
  [/\bsame day\b|\bwithin (an hour|minutes|the hour)\b|\bat first contact\b/g, "+", 1],
  [
    /\bfed up\b|\b(sick|tired) of\b|\bwaste of\b|\blast straw\b|\bthumbs down\b|\bnever again\b|\bhad enough\b/g,
    "-",
    2,
  ],
  [/\blet (us|them|me|him|her|everyone|the \w+) down\b|\bleft alone\b|\bout of patience\b/g, "-", 2],
  [/\b(lost|loses|losing|lose) (\w+ )?(trust|faith|confidence|patience)\b/g, "-", 2, "lost trust"],
  [
    /\bthreaten(s|ed|ing)? (to|with)\b|\b(consider|think)\w* (to leave|leaving|of leaving|about leaving|to cancel|cancell?ing)\b/g,
    "-",
    2,
  ],
  [
    /\b(does|do|did|has|have)(n't| not) (meet|met|live up)\b|\bbelow (our |their |all )?expectations\b|\bfalls? short\b|\bnot up to\b/g,
    "-",
    2,
  ],
  [/\b(drives?|driving|drove) (us|them|me|him|her|everyone|everybody|\w+ team) (crazy|mad|nuts)\b/g, "-", 2],
  [
    /\b(a|complete|total|real|absolute|utter|one big|such a) (mess|disaster|joke|failure|fiasco|shame|disgrace|catastrophe)\b(?! (recovery|plan))/g,
    "-",
    2,
  ],
  [/\bnothing works\b|\b(a lot|much|lots) to be desired\b|\bno (use|good)\b/g, "-", 2],
  [/\b(wouldn't|would not|won't|will not|couldn't|could not|can't|cannot) recommend\b/g, "-", 2],
  [/\b(doesn't|does not|don't|do not|didn't|did not) work at all\b/g, "-", 2, "not working"],
  [/\b(can't|cannot|can not|couldn't|could not) (\w+ly )?(work|log ?in|access|use)\b/g, "-", 1],
  [
    /\b(does|do|did|is|are|was|were|has|have|wo|will|still|ca)(n't| not) (\w+ly |yet |even |really )?(work|working|worked|function|functioning)\b|\b(stopped|no longer|never) work(s|ing|ed)?\b/g,
    "-",
    1,
    "not working",
  ],
  [
    /\b(nobody|no one|noone|never) (really |ever )?(answers?|helps|responds?|cares|replies|listens|reacts)\b/g,
    "-",
    2,
  ],
  [
    /\b(nobody|no one|noone) (\w+ )?(answered|helped|responded|cared|replied|reacted|informs?|feels)\b/g,
    "-",
    1,
  ],
  [/\bwaiting (for|since) (\w+ ){0,2}(hours|days|weeks|months)\b/g, "-", 1],
  [/\b(far|way|much|already|is|are|was|were) too long\b/g, "-", 1],
  [
    /\bno (answers?|response|reply|reaction|help)\b|\bnever (answered|replied|respond(s|ed)|answers?)\b/g,
    "-",
    1,
  ],
  [/\b(is|are|was|were|went|been|goes) (\w+ )?down (again|since|for|all|once)\b/g, "-", 1],
  [
    /\b(takes?|took|taking) (way |far |much |so |very )*(too |so |very )long\b|\bfor (weeks|months|days) (now|already)\b|\bmore trouble than\b/g,
    "-",
    1,
  ],
  [/\b(second|third|fourth|fifth) time\b/g, "-", 1],
  [
    /\b(could|should|must|needs? to|has to|have to|might|would) (be|have been|get|become) (a (bit|little|lot) |much |far |way |somewhat )?(better|faster|quicker|easier|clearer|simpler|smoother|nicer|improved)\b/g,
    "-",
    1,
  ],
  [/\b(much|way|far|a lot|lots) (better|faster|easier|smoother|nicer|quicker)\b/g, "+", 2, "better"],
];
