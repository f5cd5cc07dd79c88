// SPDX-License-Identifier: MIT
// See top_screen.h. State: the screen of ncurses.
#include "top_screen.h"

#include "top_view.h"

#include <fcntl.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { ESCAPE_MS = 25 };

static SCREEN *screen;
static FILE *keyboard, *display;
static bool has_colors_here;

bool rg_top_screen_can(int fd) {
    const char *term = getenv("TERM");
    return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

static bool wants_color(void) {
    const char *no_color = getenv("NO_COLOR");
    return !(no_color && *no_color) && has_colors();
}

bool rg_top_screen_open(int input) {
    keyboard = fdopen(fcntl(input, F_DUPFD_CLOEXEC, 3), "r");
    display = fdopen(fcntl(1, F_DUPFD_CLOEXEC, 3), "w");
    screen = keyboard && display ? newterm(NULL, display, keyboard) : NULL;
    if (!screen) {
        return false;
    }
    raw();
    noecho();
    nonl();
    curs_set(0);
    set_escdelay(ESCAPE_MS);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    has_colors_here = wants_color() && start_color() == OK && use_default_colors() == OK;
    if (has_colors_here) {
        init_pair(1, COLOR_GREEN, -1);
        init_pair(2, COLOR_CYAN, -1);
    }
    return true;
}

void rg_top_screen_close(void) {
    if (screen) {
        // Where what was there before does not come back, this is the line that the shell goes on in.
        move(getmaxy(stdscr) - 1, 0);
        clrtoeol();
        refresh();
        endwin();
        delscreen(screen);
    }
    if (keyboard) {
        fclose(keyboard);
    }
    if (display) {
        fclose(display);
    }
    screen = NULL;
    keyboard = display = NULL;
}

void rg_top_screen_size(size_t *ret_columns, size_t *ret_rows) {
    struct winsize size;
    if (ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
        is_term_resized(size.ws_row, size.ws_col)) {
        resizeterm(size.ws_row, size.ws_col);
    }
    *ret_columns = (size_t)getmaxx(stdscr);
    *ret_rows = (size_t)getmaxy(stdscr);
}

static attr_t attributes_of(enum rg_top_style style) {
    switch (style) {
    case RG_TOP_TITLE:
        return A_BOLD;
    case RG_TOP_GRAPH:
        return has_colors_here ? (attr_t)COLOR_PAIR(1) : A_NORMAL;
    case RG_TOP_HEADING:
        return has_colors_here ? A_BOLD | (attr_t)COLOR_PAIR(2) : A_BOLD | A_UNDERLINE;
    case RG_TOP_SELECTED:
        return A_REVERSE;
    case RG_TOP_FAINT:
        return A_DIM;
    case RG_TOP_PROMPT:
        return A_BOLD;
    case RG_TOP_PLAIN:
    case RG_TOP_STYLES:
        break;
    }
    return A_NORMAL;
}

void rg_top_screen_draw(const struct rg_top_lines *lines) {
    erase();
    for (size_t i = 0; i < lines->count && i < (size_t)getmaxy(stdscr); i++) {
        const struct rg_top_line *line = &lines->items[i];
        attrset((int)attributes_of(line->style));
        mvaddstr((int)i, 0, line->text);
        if (line->style == RG_TOP_SELECTED) {
            // All of the row.
            hline(' ' | attributes_of(line->style), getmaxx(stdscr));
        }
    }
    refresh();
}

int rg_top_screen_key(void) {
    static const struct {
        int curses, ours;
    } keys[] = {
        {KEY_UP, RG_TOP_UP},           {KEY_DOWN, RG_TOP_DOWN},   {KEY_PPAGE, RG_TOP_PAGE_UP},
        {KEY_NPAGE, RG_TOP_PAGE_DOWN}, {KEY_HOME, RG_TOP_HOME},   {KEY_END, RG_TOP_END},
        {KEY_LEFT, RG_TOP_LEFT},       {KEY_RIGHT, RG_TOP_RIGHT}, {KEY_ENTER, '\r'},
        {KEY_BACKSPACE, '\b'},
    };
    int key;
    while ((key = getch()) != ERR) {
        if (key < KEY_MIN) {
            return key;
        }
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
            if (keys[i].curses == key) {
                return keys[i].ours;
            }
        }
    }
    return -1;
}
