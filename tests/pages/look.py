"""Opens pages in headless Chromium and says what is wrong with them: see tests/pages/run."""

import os
import pathlib
import sys

from playwright.sync_api import sync_playwright

# What a page must not do: speak on the console, or ask for anything but itself.
WRONG = []


def wrong(page, what):
    WRONG.append(f"{page}: {what}")


def charts(name, page):
    """Every chart draws something within its frame, or says why not."""
    empty = page.evaluate(
        """() => [...document.querySelectorAll('figure')].filter(figure => {
            if (figure.querySelector('.empty') || figure.querySelector('table.bars')) return false;
            const marks = figure.querySelectorAll('.plot path, .drawing rect, .drawing > text');
            const drawn = [...marks].filter(mark => {
                const box = mark.getBoundingClientRect();
                return box.width > 1 || box.height > 1;
            });
            return drawn.length === 0 || figure.querySelectorAll('tbody tr').length === 0;
        }).map(figure => figure.id)"""
    )
    if empty:
        wrong(name, f"charts without data: {empty}")
    return page.evaluate("document.querySelectorAll('.plot').length")


def keyboard(name, page):
    """All that can be used is reached by tabulator, and a chart answers to arrows."""
    wanted = page.evaluate(
        "document.querySelectorAll('a[href], summary, button, svg.drawing:has(.plot)').length"
    )
    page.keyboard.press("Tab")
    page.evaluate("window.scrollTo(0, 0)")
    seen = set()
    answered = False
    for _ in range(4 * wanted + 200):
        what = page.evaluate(
            """() => { const of = document.activeElement; if (!of || of === document.body) return null;
                const all = [...document.querySelectorAll('*')];
                return [all.indexOf(of), of.tagName.toLowerCase(), of.className.baseVal || of.className || '']; }"""
        )
        if what is None or what[0] in seen:
            break
        seen.add(what[0])
        if what[1] == "svg" and not answered:
            page.keyboard.press("ArrowRight")
            told = page.evaluate("document.activeElement.closest('figure').querySelector('.read').textContent")
            answered = len(told) > 5
            if not answered:
                wrong(name, "a chart does not answer to an arrow key")
        page.keyboard.press("Tab")
    # Buttons of tables that are folded up cannot be reached, and need not be.
    hidden = page.evaluate(
        "[...document.querySelectorAll('details:not([open]) button, details:not([open]) a[href]')].length"
    )
    if len(seen) < wanted - hidden:
        wrong(name, f"{len(seen)} things are reached by keyboard, of {wanted - hidden}")
    return answered


def zoom(name, page):
    """Dragging over a chart shows all of them over the same time; a link to that shows the same."""
    plot = page.locator(".plot").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.4 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], middle, steps=4)
    page.mouse.up()
    views = set(page.evaluate("[...document.querySelectorAll('.plot')].map(of => of.getAttribute('viewBox'))"))
    begins, _, width, _ = map(float, sorted(views)[0].split(" "))
    if len(views) != 1 or abs(begins - 400) > 4 or abs(width - 200) > 4:
        wrong(name, f"charts show {views} after a drag over the middle fifth")
    page.reload()
    again = set(page.evaluate("[...document.querySelectorAll('.plot')].map(of => of.getAttribute('viewBox'))"))
    same = [float(view.split(" ")[0]) for view in again]
    # A link says whole seconds.
    if any(abs(at - begins) > 1 for at in same):
        wrong(name, f"a link to a moment shows {again}, not {views}")


def contrast(name, page):
    """Text stands out from its paper as WCAG asks for."""
    low = page.evaluate(
        """() => {
            const light = rgb => { const [r, g, b] = rgb.match(/[\\d.]+/g).slice(0, 3).map(v => { v /= 255;
                return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126*r + .7152*g + .0722*b; };
            const paper = of => { for (; of; of = of.parentElement) { const c = getComputedStyle(of).backgroundColor;
                if (!/, 0\\)$|transparent/.test(c)) return c; } return 'rgb(255,255,255)'; };
            return [...document.querySelectorAll('p, li, td, th, h1, h2, h3, a, summary, dt, dd, caption, button, .drawing text')].filter(of => {
                const style = getComputedStyle(of);
                const ink = of.closest('svg') ? style.fill : style.color;
                const [a, b] = [light(ink), light(paper(of))].sort((x, y) => y - x);
                return (a + .05) / (b + .05) < 4.5;
            }).slice(0, 3).map(of => of.outerHTML.slice(0, 80));
        }"""
    )
    if low:
        wrong(name, f"hard to read: {low}")


def look(browser, file, pictures):
    name = file.stem if file.stem != "report" else file.parent.name
    for scheme in ["light", "dark"]:
        page = browser.new_page(color_scheme=scheme, viewport={"width": 1100, "height": 1400})
        page.on("console", lambda message: wrong(name, f"console: {message.text}"))
        page.on("pageerror", lambda error: wrong(name, f"error: {error}"))
        page.on("request", lambda request: request.url.startswith("file://") and request.is_navigation_request() or wrong(name, f"request: {request.url}"))
        page.goto(file.as_uri())
        drawn = charts(name, page)
        contrast(f"{name} {scheme}", page)
        page.screenshot(path=str(pictures / f"{name}-{scheme}.png"))
        if scheme == "light":
            page.screenshot(path=str(pictures / f"{name}-whole.png"), full_page=True)
            if drawn:
                keyboard(name, page)
                zoom(name, page)
        page.close()
    narrow = browser.new_page(viewport={"width": 400, "height": 900})
    narrow.goto(file.as_uri())
    wide = narrow.evaluate("document.documentElement.scrollWidth")
    if wide > 400:
        wrong(name, f"{wide} pixels wide on a screen of 400")
    narrow.screenshot(path=str(pictures / f"{name}-narrow.png"))
    narrow.close()
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(file.as_uri())
    texts = plain.locator("h2").all_inner_texts()
    if not texts or plain.locator("figure svg, figure .empty").count() < plain.locator("figure").count():
        wrong(name, "without its script something is missing")
    plain.pdf(path=str(pictures / f"{name}.pdf"), format="A4")
    plain.close()
    print(f"{name}: {drawn} charts over time, looked at in the light, in the dark, on paper, narrow, without script")


def picture(browser, file, to):
    """The upper part of a page, for documents."""
    page = browser.new_page(viewport={"width": 1100, "height": 1110})
    page.goto(file.as_uri())
    page.screenshot(path=to)
    page.close()


def main():
    chromium, folder, *pages = sys.argv[1:]
    pictures = pathlib.Path(folder)
    pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for file in pages:
            look(browser, pathlib.Path(file).resolve(), pictures)
        if os.environ.get("PICTURE"):
            picture(browser, pathlib.Path(pages[0]).resolve(), os.environ["PICTURE"])
        browser.close()
    for what in WRONG:
        print(f"wrong: {what}")
    sys.exit(bool(WRONG))


main()
