// The live view of a training run. What is known belongs to the model, so that all views show
// the same.
const { abs, ceil, floor, log10, max, min, round } = Math, now = Date.now;
const VIEW = "application/vnd.jupyter.widget-view+json";
const ACK_MS = 1000, PATIENCE_MS = 2500, COLUMN = 2; // pixels that share a bucket

export default () => {
	// series: of each metric the minima, maxima and means of buckets of `stride` steps.
	const run = { head: { status: "waiting" }, names: [], series: [], last: [], log: [], stride: 1 };
	const views = new Set(), refresh = () => views.forEach((view) => view.refresh());
	let model, identity, asked = 0, acked = 0, timer;

	function hello() {
		if (now() - asked < 500) return;
		asked = now();
		model.send({ type: "hello" });
	}

	function acknowledge() {
		clearTimeout(timer);
		const wait = acked + ACK_MS - now();
		if (wait > 0) return (timer = setTimeout(acknowledge, wait));
		acked = now();
		model.send({ type: "ack", seq: run.head.seq });
	}

	function receive(message, buffers) {
		if (message.type === "final") return freeze(message.bundle);
		if (message.snapshot) {
			run.names = message.names;
			run.series = run.names.map(() => [[], [], []]);
			run.stride = message.stride;
			if (!identity) guarded(restore, (identity = message));
		} else if (message.seq !== run.head.seq + 1) return hello(); // some were lost: ask for all
		for (; run.stride < message.stride; run.stride *= 2) run.series = run.series.map(halve);
		const [values, last] = buffers.map(floats), count = values.length / 3 / run.names.length || 0;
		run.series.flat().forEach((kind, row) => {
			kind.length = message.first; // the last bucket may have been filled only in part
			kind.push(...values.subarray(row * count, (row + 1) * count));
		});
		Object.assign(run, { last, head: message });
		acknowledge();
		refresh();
	}

	// The notebook around the view, where there is one.
	const cells = () => items(model.widget_manager?.context?.model?.cells);
	const mine = (output) => output.data[VIEW]?.model_id === identity.model;

	// After a reload without saving: give the cell its output back, and the trust that running it
	// had given, but not if it also shows what may come from others.
	function restore() {
		let cell = cells().find((cell) => items(cell.outputs).some(mine));
		if (!cell) {
			const view = { model_id: identity.model, version_major: 2, version_minor: 0 };
			cell = cells().find(({ id }) => id === identity.cell);
			cell?.outputs.add(output({ [VIEW]: view, "text/plain": identity.text }));
		}
		if (cell && items(cell.outputs).every((o) => mine(o) || o.type === "stream")) cell.trusted = true;
	}

	// The end: a picture takes the view's place, also where the kernel's update of the display
	// does not reach. When no view is left, the kernel may close the widget.
	function freeze(bundle) {
		guarded(() => cells().forEach(({ outputs }) =>
			items(outputs).forEach((o, place) => mine(o) && outputs.set(place, output(bundle)))));
		setTimeout(() => views.size || model.send({ type: "frozen" }), 300);
	}

	return {
		initialize(given) {
			model = given.model;
			model.on("msg:custom", receive);
			hello();
		},
		render({ el }) {
			const view = build(el, run, (type) => model.send({ type }), refresh);
			views.add(view);
			return () => { views.delete(view); view.remove(); };
		},
	};
};

function guarded(action) { // not every notebook is JupyterLab's
	try { action(); } catch (error) { console.warn(error); }
}
const items = (list) => Array.from({ length: list?.length ?? 0 }, (_, i) => list.get(i));
const output = (data) => ({ output_type: "display_data", data, metadata: {} });
const floats = (b) => new Float32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength));

// NaN stands for "nothing there".
const has = (x) => x === x;
const both = (a, b, join) => (!has(a) ? b : !has(b) ? a : join(a, b));
const JOIN = [min, max, (a, b) => (a + b) / 2];
const halve = (kinds) => kinds.map((kind, which) =>
	kind.slice(ceil(kind.length / 2)).map((_, i) => both(kind[2 * i], kind[2 * i + 1], JOIN[which])));

const whole = (n) => round(n).toLocaleString("en-US");
const value = (x) => !has(x) ? "–" : !x ? "0"
	: abs(x) >= 1e5 || abs(x) < 1e-3 ? x.toExponential(2) : String(+x.toPrecision(4));
const clock = (s) => s < 60 ? `${ceil(s)} s` : s > 86400 ? `${whole(s / 3600)} h`
	: new Date(1000 * s).toISOString().slice(11, 19).replace(/^0?0?:?0?/, "");

function facts({ active, step, target, seconds, steps_per_epoch: per, steps_per_second: rate }) {
	const left = (target - step) / rate, epochs = per && ceil(target / per);
	return [
		target > 0 && `step ${whole(step)} of ${whole(target)}`,
		active ? rate > 0 && left >= 0 && `${clock(left)} left` : seconds > 0 && `in ${clock(seconds)}`,
		rate > 0 && `${rate < 10 ? rate.toFixed(1) : whole(rate)} steps/s`,
		epochs > 1 && `epoch ${whole(min(floor(step / per) + 1, epochs))} of ${whole(epochs)}`,
	].filter(Boolean).join(" · ");
}

function build(el, run, send, refreshAll) {
	const root = el.appendChild(document.createElement("div"));
	root.className = "luxnb-live";
	root.innerHTML = `<header><b role="status"></b><span></span><button type="button"></button>
		<button type="button" aria-label="Stop training">Stop</button></header>
		<div class="progress" role="progressbar" aria-label="Training progress"><i></i></div>
		<div class="charts"></div><p></p>`;
	const [status, numbers, pause, stop, progress, bar, grid, note] =
		root.querySelectorAll("b, span, button, .progress, i, .charts, p");
	let charts, names, frame, unheard;

	function command(type) {
		const { head } = run;
		send(type);
		unheard = setTimeout(() => {
			if (run.head === head) note.textContent = "No answer yet; ■ interrupts the kernel.";
		}, PATIENCE_MS);
	}
	pause.onclick = () => command(run.head.status === "paused" ? "resume" : "pause");
	stop.onclick = () => command("stop");

	function show() {
		frame = 0;
		const { head } = run;
		const word = head.status.replace(/^./, (first) => first.toUpperCase());
		if (status.textContent !== word) status.textContent = word; // it is read aloud: changes only
		root.dataset.status = head.status;
		numbers.textContent = facts(head);
		pause.textContent = head.status === "paused" ? "Resume" : "Pause";
		pause.ariaLabel = `${pause.textContent} training`;
		pause.disabled = stop.disabled = !head.active;
		progress.ariaValueNow = round(100 * min(head.step / head.target || 0, 1));
		bar.style.width = `${progress.ariaValueNow}%`;
		note.textContent = head.message ?? "";
		if (names !== run.names) {
			names = run.names;
			charts = names.map((name, metric) => chart(run, metric, name, refreshAll));
			grid.replaceChildren(...charts.map(({ figure }) => figure));
		}
		charts.forEach(({ draw }) => draw());
	}
	const refresh = () => (frame ||= requestAnimationFrame(show));
	const observer = new ResizeObserver(refresh);
	observer.observe(grid);
	root.ontransitionend = root.ontransitioncancel = refresh; // the text's colour: a new theme
	const remove = () => { observer.disconnect(); clearTimeout(unheard); root.remove(); };
	return { refresh, remove };
}

function chart(run, metric, name, refresh) {
	const figure = document.createElement("figure");
	figure.innerHTML = `<figcaption><b></b><span></span><button type="button">log</button>
		</figcaption><canvas role="img"></canvas>`;
	const [title, readout, log, canvas] = figure.querySelectorAll("b, span, button, canvas");
	title.textContent = title.title = name;
	log.ariaLabel = `Logarithmic scale for ${name}`;
	log.onclick = () => { run.log[metric] = !run.log[metric]; refresh(); };
	canvas.onpointermove = (event) => { run.hover = event.offsetX / canvas.clientWidth; refresh(); };
	canvas.onpointerleave = () => { run.hover = null; refresh(); };

	function draw() {
		const { clientWidth: width, clientHeight: height } = canvas, scale = devicePixelRatio;
		if (!width) return;
		canvas.width = width * scale;
		canvas.height = height * scale;
		const c = canvas.getContext("2d"), style = getComputedStyle(canvas);
		c.scale(scale, scale);
		c.font = `11px ${style.fontFamily}`;

		const rows = run.head.rows, points = merged(run.series[metric], run.stride, rows, width / COLUMN);
		const all = (key, join) => points.reduce((a, p) => both(a, p[key], join), NaN);
		let low = all("low", min), high = all("high", max);
		const least = all("mean", min), logarithmic = run.log[metric] && least > 0;
		const to = logarithmic ? (y) => log10(max(y, least)) : (y) => y;
		log.hidden = !logarithmic && !(least > 0 && high > 20 * least);
		log.ariaPressed = String(logarithmic);
		[low, high] = has(low) ? [to(low), to(high)] : [0, 1];
		const room = (high - low) * 0.06 || abs(high) * 0.1 || 0.5;
		[low, high] = [low - room, high + room];
		let marks = points.length ? ticks(logarithmic ? floor(low) : low, high, height / 34) : [];
		if (logarithmic) marks = marks.filter((i) => i % 1 === 0).flatMap((i) =>
			(high - low < 2 ? [1, 2, 5] : [1]).map((m) => m * 10 ** i).filter((y) => y >= least && to(y) < high));
		const left = 10 + max(16, ...marks.map((y) => c.measureText(value(y)).width));
		const right = width - 8, top = 6, bottom = height - 20;
		const X = (step) => left + ((step - 1) / max(rows - 1, 1)) * (right - left);
		const Y = (y) => bottom - ((to(y) - low) / (high - low)) * (bottom - top);

		c.strokeStyle = c.fillStyle = getComputedStyle(figure).color;
		c.textAlign = "right";
		c.textBaseline = "middle";
		for (const y of marks) {
			const at = round(Y(y)) + 0.5;
			c.globalAlpha = 0.12;
			path(c, [[left, at], [right, at]]).stroke();
			c.globalAlpha = 0.65;
			c.fillText(value(y), left - 7, at);
		}
		c.textBaseline = "top";
		for (const step of ticks(1, rows, max(2, width / 110))) {
			if (step < 1 || step % 1) continue;
			c.textAlign = X(step) > right - 24 ? "right" : "center";
			c.fillText(whole(step), X(step), bottom + 6);
		}

		c.strokeStyle = c.fillStyle = style.color;
		c.lineWidth = 1.6;
		c.lineJoin = "round";
		for (const piece of unbroken(points)) {
			const line = (of) => piece.map((p) => [X(p.step), Y(p[of])]);
			c.globalAlpha = 0.2;
			path(c, [...line("high"), ...line("low").reverse()]).fill();
			c.globalAlpha = 1;
			path(c, line("mean")).stroke();
		}
		const dot = (p) => {
			c.beginPath();
			c.arc(X(p.step), Y(p.mean), 3, 0, 7);
			c.fill();
		};
		if (run.head.active && points.length) dot(points.at(-1));

		readout.textContent = value(run.last[metric]);
		canvas.ariaLabel = `${name}: ${readout.textContent} after ${whole(rows)} steps`;
		if (run.hover == null || !points.length) return;
		const step = 1 + ((run.hover * width - left) / (right - left)) * (rows - 1);
		const p = points.reduce((a, b) => abs(b.step - step) < abs(a.step - step) ? b : a);
		dot(p);
		c.globalAlpha = 0.45;
		path(c, [[X(p.step), top], [X(p.step), bottom]]).stroke();
		const range = p.high > p.low ? ` (${value(p.low)} – ${value(p.high)})` : "";
		readout.textContent = `${value(p.mean)}${range} at step ${whole(p.step)}`;
	}
	return { figure, draw };
}

// The buckets, joined to one for each column of pixels.
function merged([lows, highs, means], stride, rows, most) {
	let group = 1;
	while (lows.length / group > most) group *= 2;
	return lows.flatMap((_, start) => {
		if (start % group) return [];
		let low = NaN, high = NaN, sum = 0, count = 0;
		for (let i = start; i < start + group && i < lows.length; i++) if (has(means[i])) {
			[low, high] = [both(low, lows[i], min), both(high, highs[i], max)];
			const weight = min(stride, rows - i * stride);
			sum += weight * means[i];
			count += weight;
		}
		const step = (start * stride + 1 + min((start + group) * stride, rows)) / 2;
		return [{ step, low, high, mean: sum / count }];
	});
}

function unbroken(points) {
	const pieces = [[]];
	for (const p of points) has(p.mean) ? pieces.at(-1).push(p) : pieces.push([]);
	return pieces;
}

function ticks(low, high, about) {
	const raw = (high - low) / about, power = 10 ** floor(log10(raw));
	const gap = power * [1, 2, 2.5, 5, 10].find((m) => m * power >= raw), found = [];
	for (let i = ceil(low / gap); i * gap <= high; i++) found.push(+(i * gap).toPrecision(6));
	return found;
}

function path(c, points) {
	c.beginPath();
	for (const point of points) c.lineTo(...point);
	return c;
}
