// What expressions see as fn. Values go in and come out as JSON has them; times are ISO 8601 texts. docs/workflows/language.md lists it all.
(offsetOf => {
  const fail = message => { throw new TypeError(message); };
  const listOf = value => Array.isArray(value) ? value : fail('A list is needed.');
  const textOf = value => value === null || value === undefined ? '' : String(value);
  const reader = by => by === undefined ? value => value
    : typeof by === 'function' ? by
    : value => value === null || value === undefined ? undefined : value[by];
  const compare = (a, b) => a === b ? 0 : a === null || a === undefined ? 1 : b === null || b === undefined ? -1 : a < b ? -1 : 1;

  // Times. "local" is a time as the clock on the wall shows it, in milliseconds as if that clock were UTC's.
  const minute = 60000, hour = 60 * minute, day = 24 * hour;
  const moment = value => {
    const time = typeof value === 'number' ? value : Date.parse(textOf(value));
    return Number.isFinite(time) ? time : fail('This is no time: ' + textOf(value).slice(0, 40));
  };
  const toLocal = (time, zone) => time + offsetOf(time, zone) * minute;
  const toMoment = (local, zone) => {
    const before = offsetOf(local - day, zone), after = offsetOf(local + day, zone);
    const early = local - before * minute, late = local - after * minute;
    if (offsetOf(early, zone) === before) { return early; }
    // A time that the clock leaves out comes as much later as it leaves out.
    return offsetOf(late, zone) === after ? late : early;
  };
  const iso = time => new Date(time).toISOString();
  const pad = (number, width = 2) => String(Math.abs(number)).padStart(width, '0');
  const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
  const lengths = { milliseconds: 1, seconds: 1000, minutes: minute, hours: hour, days: day, weeks: 7 * day };
  const zoneText = offset => offset === 0 ? 'Z' : (offset < 0 ? '-' : '+') + pad(Math.trunc(offset / 60)) + ':' + pad(offset % 60);
  const addMonths = (local, count) => {
    const from = new Date(local);
    const first = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + count, 1);
    const last = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + count + 1, 0)).getUTCDate();
    return first + (Math.min(from.getUTCDate(), last) - 1) * day + (local - Math.floor(local / day) * day);
  };
  const time = {
    addTime: (value, amounts, zone = 'UTC') => {
      let local = toLocal(moment(value), zone);
      local = addMonths(local, (amounts.years ?? 0) * 12 + (amounts.months ?? 0));
      local += (amounts.weeks ?? 0) * 7 * day + (amounts.days ?? 0) * day;
      return iso(toMoment(local, zone) + (amounts.hours ?? 0) * hour + (amounts.minutes ?? 0) * minute + (amounts.seconds ?? 0) * 1000);
    },
    startOf: (value, unit, zone = 'UTC') => {
      const local = toLocal(moment(value), zone), date = new Date(local), [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      const midnight = Math.floor(local / day) * day;
      const starts = {
        hour: () => Math.floor(local / hour) * hour,
        day: () => midnight,
        week: () => midnight - ((date.getUTCDay() + 6) % 7) * day,
        month: () => Date.UTC(year, month, 1),
        quarter: () => Date.UTC(year, month - month % 3, 1),
        year: () => Date.UTC(year, 0, 1),
      };
      return iso(toMoment((starts[unit] ?? fail('A unit is hour, day, week, month, quarter or year.'))(), zone));
    },
    timeBetween: (from, to, unit = 'seconds') =>
      (moment(to) - moment(from)) / (lengths[unit] ?? fail('A unit is milliseconds, seconds, minutes, hours, days or weeks.')),
    inZone: (value, zone) => {
      const at = moment(value), offset = offsetOf(at, zone);
      return iso(at + offset * minute).replace('.000Z', '').replace('Z', '') + zoneText(offset);
    },
    formatTime: (value, pattern, zone = 'UTC') => {
      const at = moment(value), date = new Date(toLocal(at, zone));
      const parts = {
        yyyy: () => pad(date.getUTCFullYear(), 4), MMMM: () => months[date.getUTCMonth()], MMM: () => months[date.getUTCMonth()].slice(0, 3),
        MM: () => pad(date.getUTCMonth() + 1), M: () => String(date.getUTCMonth() + 1), dddd: () => days[date.getUTCDay()],
        ddd: () => days[date.getUTCDay()].slice(0, 3), dd: () => pad(date.getUTCDate()), d: () => String(date.getUTCDate()),
        HH: () => pad(date.getUTCHours()), mm: () => pad(date.getUTCMinutes()), ss: () => pad(date.getUTCSeconds()),
        zzz: () => zoneText(offsetOf(at, zone)),
      };
      return textOf(pattern).replace(/yyyy|MMMM|MMM|MM|M|dddd|ddd|dd|d|HH|mm|ss|zzz/g, part => parts[part]());
    },
    weekday: (value, zone = 'UTC') => days[new Date(toLocal(moment(value), zone)).getUTCDay()],
  };

  const lists = {
    sum: (list, by) => listOf(list).reduce((total, value) => total + Number(reader(by)(value) ?? 0), 0),
    average: (list, by) => listOf(list).length === 0 ? null : lists.sum(list, by) / list.length,
    min: (list, by) => listOf(list).map(reader(by)).reduce((least, value) => compare(value, least) < 0 ? value : least, null),
    max: (list, by) => listOf(list).map(reader(by)).reduce(
      (most, value) => value === null || value === undefined ? most : most === null || compare(value, most) > 0 ? value : most, null),
    sortBy: (list, by, order = 'asc') => {
      const read = reader(by), sign = order === 'desc' ? -1 : 1;
      return [...listOf(list)].sort((a, b) => sign * compare(read(a), read(b)));
    },
    groupBy: (list, by) => {
      const groups = new Map();
      for (const value of listOf(list)) {
        const key = reader(by)(value) ?? null;
        groups.has(key) ? groups.get(key).push(value) : groups.set(key, [value]);
      }
      return [...groups].map(([key, items]) => ({ key, items }));
    },
    countBy: (list, by) => lists.groupBy(list, by).map(group => ({ key: group.key, count: group.items.length })),
    unique: (list, by) => {
      const seen = new Set(), read = value => JSON.stringify(reader(by)(value) ?? null);
      return listOf(list).filter(value => !seen.has(read(value)) && seen.add(read(value)));
    },
    chunk: (list, size) => {
      const width = Math.max(1, Math.floor(size)), chunks = [];
      for (let start = 0; start < listOf(list).length; start += width) { chunks.push(list.slice(start, start + width)); }
      return chunks;
    },
    records: result => listOf(result.rows).map(row => Object.fromEntries(result.columns.map((column, index) => [column.name, row[index] ?? null]))),
  };

  const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  const cell = value => { const text = textOf(value); return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text; };
  const namesOf = list => lists.unique(listOf(list).flatMap(Object.keys));
  const texts = {
    truncate: (text, length, end = '…') => textOf(text).length <= length ? textOf(text) : textOf(text).slice(0, Math.max(0, length - end.length)) + end,
    slug: text => textOf(text).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, ''),
    capitalize: text => textOf(text).slice(0, 1).toUpperCase() + textOf(text).slice(1),
    lines: text => textOf(text).split(/\r?\n/),
    escapeHtml: text => textOf(text).replace(/[&<>"']/g, sign => escapes[sign]),
    csv: list => [namesOf(list), ...list.map(item => namesOf(list).map(name => item[name]))].map(row => row.map(cell).join(',')).join('\n'),
    markdownTable: list => {
      const names = namesOf(list), line = cells => '| ' + cells.map(value => textOf(value).replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ')).join(' | ') + ' |';
      return [line(names), '|' + names.map(() => '---|').join(''), ...list.map(item => line(names.map(name => item[name])))].join('\n');
    },
  };

  const numbers = {
    round: (value, digits = 0) => { const scale = 10 ** Math.min(12, Math.max(0, digits)); return Math.round((Number(value) + Number.EPSILON) * scale) / scale; },
    clamp: (value, least, most) => Math.min(most, Math.max(least, value)),
    formatNumber: (value, digits = 0, thousands = ',', point = '.') => {
      const [whole, rest] = Math.abs(Number(value)).toFixed(Math.min(12, Math.max(0, digits))).split('.');
      return (Number(value) < 0 ? '-' : '') + whole.replace(/\B(?=(\d{3})+$)/g, thousands) + (rest ? point + rest : '');
    },
    percent: (part, whole, digits = 1) => Number(whole) === 0 ? null : numbers.round(100 * part / whole, digits),
  };

  const isObject = value => value !== null && typeof value === 'object' && !Array.isArray(value);
  const objects = {
    parseJson: (text, otherwise = null) => { try { return JSON.parse(textOf(text)); } catch { return otherwise; } },
    toJson: (value, indent = 0) => JSON.stringify(value, null, Math.min(8, indent)),
    pick: (object, names) => Object.fromEntries(listOf(names).filter(name => Object.hasOwn(object, name)).map(name => [name, object[name]])),
    omit: (object, names) => Object.fromEntries(Object.entries(object).filter(([name]) => !listOf(names).includes(name))),
    merge: (first, second) => !isObject(first) || !isObject(second) ? second
      : Object.fromEntries([...new Set([...Object.keys(first), ...Object.keys(second)])].map(name =>
        [name, !Object.hasOwn(second, name) ? first[name] : Object.hasOwn(first, name) ? objects.merge(first[name], second[name]) : second[name]])),
    get: (value, path, otherwise = null) => textOf(path).split('.').reduce(
      (found, name) => found !== null && found !== undefined && Object.hasOwn(Object(found), name) ? found[name] : undefined, value) ?? otherwise,
  };

  return Object.freeze({ ...time, ...lists, ...texts, ...numbers, ...objects });
})
