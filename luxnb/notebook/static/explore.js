// The explorer: a model as a tree, and beside it the chosen layer, whose fields can be edited.
// What is known belongs to the widget's model: all its views, and one made anew, show the same.
// Markup is written here alone; whatever the kernel says is set as text.
const SETTLE_MS = 80, TYPING_MS = 600, ROWS_AT_FIRST = 24;

export default () => {
	const views = new Map(); // by the place in the page where each stands
	let model, frame;
	const x = explorer((message) => model.send(message), () => { settle(); refresh(); });
	const refresh = () => (frame ||= requestAnimationFrame(() => {
		frame = 0;
		views.forEach((view) => view.show());
		x.flash.clear();
	}));

	// The output is the model's static tree, and is saved as that. The explorer stands beside it,
	// wherever and whenever the page renders the output.
	function settle() {
		views.forEach((view, home) => home.isConnected || leave(home));
		if (x.marker && !x.gone) for (const home of document.getElementsByClassName(x.marker)) {
			if (views.has(home) || home.nextElementSibling?.matches(".luxnb-explore")) continue;
			enter(home, (root) => home.after(root));
			home.hidden = true;
		}
	}
	function enter(home, place) {
		views.set(home, build(x));
		place(views.get(home).root);
		refresh();
	}
	function leave(home) {
		views.get(home)?.root.remove();
		views.delete(home);
		home.hidden = false;
	}

	return {
		initialize(given) {
			({ model } = given);
			model.on("msg:custom", x.receive);
			model.on("comm_live_update", x.lose);
			const observer = new MutationObserver(settle);
			observer.observe(document.body, { childList: true, subtree: true });
			x.tell({ type: "hello" });
			return () => { observer.disconnect(); views.forEach((_, home) => leave(home)); };
		},
		render({ el }) {
			enter(el, (root) => el.append(root));
			return () => leave(el);
		},
	};
};

// -- what is known

function explorer(send, changed) {
	const x = {
		rows: [], choices: [], open: new Set(), flash: new Set(), selected: "", query: "", sort: "",
	};
	let asked = null, edits = 0, rest; // asked: whose detail is awaited

	x.set = (values) => { Object.assign(x, values); changed(); };
	x.lose = () => x.set({ gone: true, waiting: null });
	x.tell = (message) => { try { x.gone || send(message); } catch { x.lose(); } };
	x.receive = (message) => {
		x.gone = false;
		hear[message.type]?.(message);
		changed();
	};

	// Moving through the tree selects; the kernel hears of it where one comes to rest.
	x.select = (path, wait = 0) => {
		asked = path;
		clearTimeout(rest);
		rest = setTimeout(x.tell, wait, { type: "select", path });
		turn(path);
		changed();
	};
	function turn(path) {
		if (path !== x.selected) x.place = x.picture = null;
		x.selected = path;
	}
	x.ask = (message) => {
		if (x.gone) return;
		clearTimeout(rest);
		asked = null;
		x.set({ waiting: message, refused: null });
		x.tell(message);
	};
	// What moves layers gives them new paths: until these are known, nothing more is moved.
	x.edit = (op, more) => {
		if (x.waiting && ![op, x.waiting.op].some((o) => /^(set|replace)$/.test(o))) return;
		x.ask({ type: "edit", id: ++edits, op, ...more });
	};
	x.toggle = ({ path, below }, open = !x.open.has(path)) => {
		if (below.length) x.open[open ? "add" : "delete"](path);
		changed();
	};
	x.row = () => x.rows.find((row) => row.path === x.selected);
	x.offer = (where) => { // a place for a new layer: before, after or inside the chosen one
		const row = x.row(), { path, below } = where === "inside" || !row.parent ? row : row.parent;
		const index = below.includes(row) ? below.indexOf(row) + (where === "after") : below.length;
		x.set({ place: { to: { path, index }, name: `Insert ${where} ${row.name}` }, refused: null });
	};

	const hear = {
		tree({ choices, rows, ...said }) {
			x.choices = choices?.layers ?? x.choices;
			if (said.seq < x.seq) return; // it was overtaken
			const before = x.rows;
			Object.assign(x, said, { rows: arranged(rows) });
			if (x.waiting?.op === "insert") x.place = null;
			x.waiting = null;
			if (!x.refused?.op) x.refused = null; // of an edit since overtaken
			follow(x, before);
			if (!x.row()) turn(rows[0]?.path);
		},
		detail(detail) {
			if (detail.path !== (asked ?? detail.path)) return; // of a layer that was passed by
			asked = null;
			turn(detail.path);
			x.detail = detail;
			above(x.row()).forEach(({ path }) => x.open.add(path));
		},
		refused({ id, reason }) {
			const isAnswer = id === x.waiting?.id;
			x.refused = { ...(isAnswer && x.waiting), reason };
			if (isAnswer) x.waiting = null;
		},
		picture(picture) { if (picture.path === x.selected) x.picture = picture; },
		live({ live }) { x.live = live; },
	};
	return x;
}

// Rows know the rows around them.
function arranged(rows) {
	const last = [];
	return rows.map((given) => {
		const level = given.level - rows[0].level, parent = last[level - 1] ?? null;
		const row = (last[level] = { ...given, level, parent, below: [] });
		const { title, words, output, parameters, flops, name, path } = row;
		row.fault ||= words.flatMap(([kind, text]) => kind === "fault" ? text.replace("✗ ", "") : []).join("; ");
		row.looks = JSON.stringify([title, words, output, parameters, flops, row.fault]);
		row.text = [name, title, path, output, ...words.map(([, text]) => text)].join(" ").toLowerCase();
		parent?.below.push(row);
		return row;
	});
}

const above = (row) => row?.parent ? [row.parent, ...above(row.parent)] : [];

// What an edit has moved on by a name stays open or closed; the way to each fault is opened; what
// looks new is marked for a moment. At first all is open, or if that is much, the root.
function follow({ rows, open, flash }, before) {
	const looked = new Map(before.map((row) => [row.looks, open.has(row.path)]));
	const old = new Map(before.map((row) => [row.path, row.looks]));
	const most = rows.length > ROWS_AT_FIRST ? 1 : Infinity;
	for (const row of rows) {
		const { path, looks, below, level, parent } = row;
		if (!before.length) below.length && (level < most || !parent.below[1]) && open.add(path);
		else if (!looked.has(looks)) flash.add(path);
		else if (old.get(path) !== looks) open[looked.get(looks) ? "add" : "delete"](path);
		if (row.fault) above(row).forEach((r) => open.add(r.path));
	}
}

function visible({ rows, sort, open }, words) {
	const found = (row) => words.every((word) => row.text.includes(word));
	const holds = (row) => !row.below.length || row.words.some(([kind]) => kind === "parameters");
	if (sort) return rows.filter((row) => holds(row) && found(row)).sort((a, b) => b[sort] - a[sort]);
	if (!words.length) return rows.filter((row) => above(row).every(({ path }) => open.has(path)));
	const shown = new Set(rows.filter(found).flatMap((row) => [row, ...above(row)]));
	return rows.filter((row) => shown.has(row));
}

// -- the page

const PAGE = `<div class="luxnb-explore" data-lm-suppress-shortcuts="true">
	<header><b class="name"></b>{edited}{total}{live}
		<span class="group">[undo Undo][redo Redo][reset Reset][copy Copy code]</span></header>
	<div class="progress" role="progressbar" aria-label="Progress"><i></i></div>
	<textarea class="code" readonly aria-label="Python code" hidden></textarea>
	<div class="main"><div class="left"><div class="row head">
		<input class="search" type="search" placeholder="Search name, type, path, shape">
		<span>output</span>[parameters parameters][flops operations]
		</div><div class="tree" role="tree" aria-label="Layers"></div></div></div>
	<footer><span class="note" role="status"></span><span class="fault" role="status"></span>
		<details class="keys"><summary>Keys</summary><kbd>↑ ↓ Home End</kbd> move <kbd>← →</kbd> close, open
		<kbd>*</kbd> open all beside it <kbd>a–z</kbd> go to a name <kbd>Enter</kbd> edit its fields
		<kbd>Escape</kbd> back to the tree <kbd>Insert</kbd> insert after it <kbd>Alt ↑ ↓</kbd> move it
		<kbd>Delete</kbd> remove it <kbd>Ctrl Z, Ctrl Y</kbd> undo, redo</details></footer></div>`;

function build(x) {
	const { root, main, tree, search, code, ...at } = make(PAGE), sorts = ["parameters", "flops"];
	const focus = (what) => { wanted = what; x.set(); };
	const pane = detailPane(x, focus);
	main.append(pane.root);
	let rows = [], wanted, typed = "", typedAt = 0;

	function show() {
		const active = root.contains(document.activeElement) && document.activeElement;
		const { live } = x, whole = (n) => n.toLocaleString("en-US");
		const words = x.query.toLowerCase().match(/\S+/g) ?? [];
		say(at.name, x.rows[0]?.title);
		say(at.edited, x.changed && "edited");
		say(at.total, dots(x.total, x.input && `given ${x.input}`)).title = at.total.textContent;
		say(at.live, live && `${live.status}, step ${whole(live.step)} of ${whole(live.target)}`);
		at.progress.hidden = !live;
		at.progress.ariaValueNow = Math.round((100 * live?.step) / live?.target) || 0;
		at.progress.firstChild.style.width = `${at.progress.ariaValueNow}%`;
		allow(x, at, { undo: x.undo, redo: x.redo, reset: x.changed });
		if (search !== active) search.value = x.query;
		for (const key of sorts) at[key].ariaPressed = x.sort === key;
		for (const [name, key] of [["--o", "output"], ["--p", "parametersText"], ["--f", "flopsText"]])
			main.style.setProperty(name, `${Math.min(24, Math.max(...x.rows.map((row) => row[key].length)))}ch`);
		root.toggleAttribute("data-waiting", !!x.waiting || x.detail?.path !== x.selected);

		rows = visible(x, words);
		const stop = [x.row(), ...above(x.row()), rows[0]].find((row) => rows.includes(row));
		keep(tree, rows.map((row) => ({ key: row.path, x, row, words, stop })), treeRow);
		pane.show();

		const faults = x.rows.filter((row) => row.fault);
		say(at.note, x.gone ? "The kernel is gone: run the cell again."
			: x.refused && !("text" in x.refused) ? x.refused.reason : words.length && !rows.length ? "Nothing found." : x.note);
		say(at.fault, faults.length && `✗ ${faults[0].path || faults[0].name}: ${faults[0].fault}${faults[1] ? ` (and ${faults.length - 1} more)` : ""}`);
		refocus(active);
	}

	// Focus goes where it is wanted as soon as that is there, and never falls out of the explorer.
	function refocus(active) {
		const lost = active && (active.disabled || !active.checkVisibility() || active.matches(".row[tabindex='-1']"));
		if (!(wanted || lost) || (wanted === "field" && x.detail?.path !== x.selected)) return;
		const field = { place: ".insert input", field: ".field input:enabled" }[wanted];
		const target = (field && pane.root.querySelector(field)) || tree.querySelector("[tabindex='0']");
		if (!target) return;
		wanted = "";
		target.focus({ preventScroll: true });
		target.scrollIntoView({ block: "nearest" });
		target.select?.();
	}

	const rowOf = (target) => rows.find(({ path }) => path === target.closest(".row")?.path);
	tree.onclick = ({ target, detail }) => {
		const row = rowOf(target);
		if (!row) return;
		if (target.matches(".twisty") || detail === 2) x.toggle(row);
		x.select(row.path);
		focus("row");
	};
	tree.onkeydown = (event) => {
		const { key, altKey, ctrlKey, metaKey, timeStamp, target } = event;
		if (ctrlKey || metaKey) return;
		const row = (wanted && x.row()) || rowOf(target), { path } = row; // keys may come faster than frames
		const place = rows.indexOf(row), isOpen = row.below.includes(rows[place + 1]);
		const go = (to) => { if (to) { x.select(to.path, SETTLE_MS); focus("row"); } };
		const move = (by) => altKey ? x.edit("move", { path, by }) : go(rows[place + by]);
		const keys = {
			ArrowDown: () => move(1),
			ArrowUp: () => move(-1),
			ArrowRight: () => isOpen ? go(rows[place + 1]) : x.toggle(row, true),
			ArrowLeft: () => isOpen && !x.query ? x.toggle(row, false) : go(row.parent),
			Home: () => go(rows[0]),
			End: () => go(rows.at(-1)),
			Enter: () => { x.select(path); focus("field"); },
			" ": () => { x.select(path); x.toggle(row); },
			"*": () => row.parent?.below.forEach((r) => x.toggle(r, true)),
			Delete: () => x.edit("remove", { path }),
			Insert: () => { x.offer("after"); focus("place"); },
			Escape: () => x.set({ query: "" }),
			"?": () => { at.keys.open = !at.keys.open; },
		};
		const toName = () => {
			typed = (timeStamp - typedAt < TYPING_MS ? typed : "") + key.toLowerCase();
			typedAt = timeStamp;
			const from = place + (typed.length === 1);
			go([...rows.slice(from), ...rows].find((r) => r.name.toLowerCase().startsWith(typed)));
		};
		if (!keys[key] && key.length > 1) return;
		event.preventDefault();
		(keys[key] ?? toName)();
	};
	search.oninput = () => x.set({ query: search.value });
	search.onkeydown = ({ key }) => {
		if (key === "Escape") { search.value = ""; x.set({ query: "" }); }
		if (/^(Escape|Enter|ArrowDown)$/.test(key)) focus("row");
	};
	for (const type of ["undo", "redo", "reset"]) at[type].onclick = () => x.ask({ type });
	for (const key of sorts) at[key].onclick = () => x.set({ sort: x.sort === key ? "" : key });
	at.copy.onclick = async () => {
		try {
			await navigator.clipboard.writeText(x.code);
			x.set({ note: "Code copied." });
		} catch { // not allowed here: lay it out, selected
			Object.assign(code, { hidden: false, value: x.code }).select();
		}
	};
	code.onkeydown = ({ key }) => { if (key === "Escape") { code.hidden = true; focus("row"); } };
	root.onkeydown = (event) => {
		const { key, shiftKey, ctrlKey, metaKey, target } = event;
		if (!(ctrlKey || metaKey) || !/^[zy]$/i.test(key) || target.matches("textarea, input:not([type=checkbox])")) return;
		event.preventDefault();
		x.ask({ type: shiftKey || key === "y" ? "redo" : "undo" });
	};
	for (const name of ["keydown", "click", "contextmenu"]) root.addEventListener(name, (event) => event.stopPropagation());
	return { root, show };
}

function allow({ gone }, buttons, rights) {
	for (const name in rights) if (buttons[name]) buttons[name].disabled = !rights[name] || !!gone;
}

const ROW = `<div class="row" role="treeitem"><span class="trunk">{indent}{twisty}<b class="name"></b>{title}{words}</span>
	{output}{parameters}{flops}{fault}</div>`;

function treeRow() {
	const { root, ...at } = make(ROW);
	let was;
	root.onanimationend = () => root.classList.remove("flash");
	root.show = ({ x, row, words, stop }) => {
		const label = (x.sort && row.path) || row.name, isSelected = row.path === x.selected;
		const isOpen = row.below.length && !x.sort ? words.length > 0 || x.open.has(row.path) : null;
		if (x.flash.has(row.path)) root.classList.add("flash");
		const looks = [row.path, row.looks, row.changed, label, isSelected, isOpen, row === stop, words].join();
		if (looks === was) return;
		was = looks;
		root.path = row.path;
		root.tabIndex = row === stop ? 0 : -1;
		root.ariaSelected = isSelected;
		root.ariaExpanded = isOpen;
		root.ariaLevel = x.sort ? 1 : row.level + 1;
		root.style.setProperty("--level", x.sort ? 0 : row.level);
		at.words.replaceChildren(...row.words.filter(([kind]) => kind !== "fault").map(([className, text]) =>
			made("span", { className, textContent: plain(text) })));
		mark(at.name, label, words).title = plain(row.path);
		mark(at.title, row.title, words).title = plain(row.title);
		mark(at.output, row.output, words);
		say(at.parameters, row.parametersText).title = plain(row.share);
		say(at.flops, row.flopsText);
		say(at.fault, row.fault && `✗ ${row.fault}`);
		root.classList.toggle("faulty", !!row.fault);
		root.classList.toggle("changed", !!row.changed);
	};
	return root;
}

// -- the chosen layer

const PANE = `<div class="pane" role="region" aria-label="Chosen layer"><div><b class="title"></b> {path}</div>
	{doc}
	<div class="group"><span>Insert</span>[before before|Insert before][after after|Insert after]
		[inside inside|Insert inside]</div>
	<div class="group">[duplicate Duplicate][remove Remove]
		[moveUp ↑|Move up][moveDown ↓|Move down]</div>
	{fields}{flow}{numbers}{arrays}</div>`;

function detailPane(x, focus) {
	const { root, ...at } = make(PANE), edit = (op, more) => () => x.edit(op, { path: x.selected, ...more });
	for (const where of ["before", "after", "inside"]) at[where].onclick = () => { x.offer(where); focus("place"); };
	at.moveUp.onclick = edit("move", { by: -1 });
	at.moveDown.onclick = edit("move", { by: 1 });
	for (const op of ["duplicate", "remove"]) at[op].onclick = edit(op);
	function show() {
		const { detail, place } = x;
		root.hidden = !detail;
		if (!detail) return;
		const { path, can, numbers } = detail;
		for (const key of ["title", "path", "doc"]) say(at[key], detail[key]);
		allow(x, at, { ...can, before: can.insert, after: can.insert });
		const fields = detail.fields.map((field) => ({ ...field, op: "set", to: { path, field: field.name } }));
		if (place) fields.unshift({ ...place, text: "", choices: x.choices, op: "insert" });
		if (can.replace) fields.push({ name: "as code", text: detail.code, choices: [], op: "replace", to: { path } });
		for (const field of fields) field.key = [path, field.op, field.name, field.kind].join();
		keep(at.fields, fields, () => editor(x, focus));
		say(at.flow, detail.given && `${detail.given} → ${detail.output || "…"}`);
		say(at.numbers, dots(...Object.entries(numbers).map(([name, text]) => text && `${name} ${text}`)));
		const arrays = detail.arrays.map((array) => ({ key: [path, array.role, array.name].join(), array, path }));
		keep(at.arrays, arrays, () => arrayCard(x));
	}
	return { root, show };
}

const FIELD = `<div class="field">{label}<span class="box">
	<input class="input" spellcheck="false" autocomplete="off">[insertion Insert]
	<span class="options" role="listbox" hidden></span></span>{help}<span class="fault" role="alert"></span></div>`;
let lists = 0;

// A value as Python text. It commits on Enter, when it is left, and by its spinner; what a person
// types gives way only to news from the kernel, and stays when it is refused.
function editor(x, focus) {
	const { root, input, options, ...at } = make(FIELD);
	let field, text, sent, refused, shown = [], chosen = -1;
	const isBox = () => field.kind === "bool";
	const choices = () => isBox() ? [] : field.choices.map((c) => c.text ? c : { name: c, text: c });
	const value = () => isBox() ? (input.checked ? "True" : "False") : input.value.trim();
	const put = () => isBox() ? (input.checked = text === "True") : (input.value = text);
	const commit = (again) => {
		if (!root.isConnected || (value() === sent && !(again && refused))) return;
		sent = value();
		if (refused && sent === text) x.set({ refused: null }); // taken back
		else x.edit(field.op, { ...field.to, text: sent });
	};
	input.onchange = () => field.op !== "insert" && commit();
	input.onblur = () => { input.onchange(); close(); };
	at.insertion.onclick = () => commit(true);

	// Suggestions, for a text box that takes any other text as well.
	function offer(word = "") {
		const place = ({ name }) => name.toLowerCase().indexOf(word.toLowerCase());
		shown = choices().filter((choice) => place(choice) >= 0).sort((a, b) => place(a) - place(b));
		options.replaceChildren(...shown.map(({ name, doc }) => {
			const option = made("span", { role: "option", textContent: ` ${plain(doc)}` });
			option.prepend(made("b", { textContent: plain(name) }));
			return option;
		}));
		point(-1);
		close(!shown.length);
	}
	function close(hidden = true) {
		options.hidden = hidden;
		if (input.role) input.ariaExpanded = !hidden;
	}
	function point(to) {
		chosen = to;
		[...options.children].forEach((option, i) => { option.ariaSelected = i === to; option.id = `${options.id}-${i}`; });
		input.setAttribute("aria-activedescendant", to < 0 ? "" : `${options.id}-${to}`);
		if (to < 0) return;
		input.value = shown[to].text;
		options.children[to].scrollIntoView({ block: "nearest" });
	}
	input.oninput = () => offer(input.value.split("(")[0].trim());
	input.onclick = () => options.hidden && offer();
	input.onkeydown = (event) => {
		const { key } = event, by = { ArrowDown: 1, ArrowUp: -1 }[key];
		if (key === "Enter") { close(); commit(true); }
		if (key === "Escape") { put(); x.set({ place: null }); focus("row"); }
		if (!by || !choices().length) return;
		event.preventDefault();
		if (options.hidden) offer();
		if (shown.length) point(Math.min(Math.max(chosen + by, 0), shown.length - 1));
	};
	options.onmousedown = (event) => {
		event.preventDefault(); // the text box keeps focus
		const option = [...options.children].indexOf(event.target.closest("[role=option]"));
		if (option < 0) return;
		point(option);
		close();
		input.onchange();
	};

	root.show = (given) => {
		if (!field) {
			field = given;
			input.type = isBox() ? "checkbox" : field.kind === "int" && /^-?\d+$/.test(field.text) ? "number" : "text";
			options.id = `luxnb-options-${++lists}`;
			input.setAttribute("aria-controls", options.id);
			if (choices().length) input.role = "combobox";
			root.classList.add(field.op);
			if (field.op === "insert") offer();
		}
		field = given;
		refused = Object.entries({ op: field.op, ...field.to }).every(([k, v]) => x.refused?.[k] === v);
		say(at.label, field.name);
		say(at.help, field.help).title = plain(field.help);
		say(at.fault, refused && x.refused.reason);
		input.ariaLabel = plain(field.name);
		input.ariaInvalid = refused;
		input.title = field.default ? `default: ${plain(field.default)}` : "";
		input.disabled = !!x.gone;
		const isNews = field.text !== text;
		text = field.text;
		if (!refused && !x.waiting && (document.activeElement !== input || (isNews && value() === sent))) { sent = text; put(); }
	};
	return root;
}

const ARRAY = `<div class="array"><div class="line"><b class="name"></b>{spec}[picture picture]</div>
	<div class="chart"><svg role="img" preserveAspectRatio="none"><path /></svg>{low}{high}</div>
	{facts}<img class="image" hidden></div>`;

function arrayCard(x) {
	const { root, chart, image, picture, ...at } = make(ARRAY), svg = chart.firstChild;
	let array, path;
	picture.onclick = () => x.tell({ type: "picture", path, entry: array.name });
	root.show = (given) => {
		({ array, path } = given);
		const s = array.statistics, counts = s?.counts ?? [], most = Math.max(1, ...counts), name = plain(array.name);
		say(at.name, array.role === "state" ? `~${name}` : name);
		root.dataset.role = array.role;
		say(at.spec, array.spec);
		say(at.facts, s && dots(`mean ${s.mean} ± ${s.std}`, `${s.min} … ${s.max}`, s.zeros && `zeros ${s.zeros}`,
			s.nonfinite && `not finite ${s.nonfinite}`, s.sampled && "sampled"));
		chart.hidden = !counts.length;
		say(at.low, s?.low);
		say(at.high, s?.high);
		svg.setAttribute("viewBox", `0 0 ${counts.length} 1`);
		svg.ariaLabel = `histogram of ${name}`;
		svg.firstChild.setAttribute("d", counts.map((n, i) => `M${i + 0.08} 1V${1 - n / most}h.84V1z`).join(""));
		picture.ariaLabel = `Picture of ${name}`;
		picture.hidden = !s;
		const { entry, src } = x.picture ?? {};
		image.hidden = entry !== array.name || !/^data:image\/png;base64,/.test(src);
		image.alt = `heat map of ${name}`;
		if (!image.hidden) image.src = src;
	};
	return root;
}

// An element from markup, with its parts by their class. {name} is short for an empty span, and
// [name text|label] for a button.
function make(markup) {
	const template = made("template");
	template.innerHTML = markup.replace(/\n\s*/g, "").replace(/{(\w+)}/g, `<span class="$1"></span>`)
		.replace(/\[(\w+) ([^|\]]+)\|?(.*?)]/g, `<button class="$1" aria-label="$3">$2</button>`);
	const root = template.content.firstChild;
	const parts = [...root.querySelectorAll("[class]")].map((part) => [part.className, part]);
	return { root, ...Object.fromEntries(parts) };
}

const made = (name, properties) => Object.assign(document.createElement(name), properties);

// One element for each item, by its key; it stays where it is, with focus and all, if it can.
function keep(parent, items, create) {
	const old = parent.kept, kept = (parent.kept = new Map());
	for (const { key } of items) kept.set(key, old?.get(key) ?? create());
	old?.forEach((element, key) => kept.has(key) || element.remove());
	let next = parent.firstChild;
	for (const item of items) {
		const element = kept.get(item.key);
		if (element === next) next = next.nextSibling;
		else parent.insertBefore(element, next);
		element.show(item);
	}
}

// Control and bidi characters are shown as escapes: nothing in a text acts on what is around it.
const plain = (text) => String(text || "").replace(/[\t\r\n]/g, " ")
	.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

const dots = (...words) => words.filter(Boolean).join(" · ");

function say(element, text) { // only what is new, as it may be read aloud
	if (element.textContent !== plain(text)) element.textContent = plain(text);
	return element;
}

function mark(element, text, words) {
	const found = words.map((word) => word.replace(/[^\w\s]/g, "\\$&")).join("|") || "$^"; // nothing
	const pieces = plain(text).split(RegExp(`(${found})`, "i"));
	element.replaceChildren(...pieces.map((piece, i) =>
		i % 2 ? made("mark", { textContent: piece }) : piece));
	return element;
}
