//! The tables of languages.

/// What the lexer must know of a language.
pub(in crate::render) struct Language {
    pub(super) kind: Kind,
    pub(super) line_comments: &'static [&'static str],
    pub(super) block_comments: &'static [(&'static str, &'static str)],
    /// Longer marks before those that they begin with.
    pub(super) quotes: &'static [Quote],
    /// Parted by blanks, like the constants.
    pub(super) keywords: &'static str,
    pub(super) constants: &'static str,
    /// What names may hold beside letters, digits and `_`.
    pub(super) word_marks: &'static str,
    /// Whether keywords are written in any case.
    pub(super) any_case: bool,
    /// Whether `name:` and `name =` at the beginning of a line are keys.
    pub(super) keys: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Code,
    /// Tags with attributes.
    Markup,
    /// Lines with `+` and `-`.
    Patch,
}

/// How a string is written.
pub(super) struct Quote {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// Whether a backslash takes the next character's meaning away.
    pub(super) escapes: bool,
    pub(super) many_lines: bool,
    /// Whether it holds exactly one character: in Rust, `'a` alone is a lifetime.
    pub(super) one_character: bool,
}

const fn line(mark: &'static str) -> Quote {
    Quote {
        open: mark,
        close: mark,
        escapes: true,
        many_lines: false,
        one_character: false,
    }
}

const fn lines(open: &'static str, close: &'static str, escapes: bool) -> Quote {
    Quote {
        open,
        close,
        escapes,
        many_lines: true,
        one_character: false,
    }
}

const DOUBLE: Quote = line("\"");
const SINGLE: Quote = line("'");
const VERBATIM: Quote = Quote {
    escapes: false,
    ..line("'")
};
const CHARACTER: Quote = Quote {
    one_character: true,
    ..line("'")
};

const NONE: Language = Language {
    kind: Kind::Code,
    line_comments: &[],
    block_comments: &[],
    quotes: &[],
    keywords: "",
    constants: "",
    word_marks: "",
    any_case: false,
    keys: false,
};

/// Comments, strings and characters as in C.
const C_LIKE: Language = Language {
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    quotes: &[DOUBLE, CHARACTER],
    ..NONE
};

static C: Language = Language {
    keywords: "#include #define #ifdef #ifndef #if #else #endif #pragma #undef alignas auto bool break case \
        catch char class co_await co_return co_yield concept const const_cast consteval constexpr \
        continue decltype default delete do double dynamic_cast else enum explicit export extern final \
        float for friend goto if inline int long mutable namespace new noexcept operator override \
        private protected public register reinterpret_cast requires restrict return short signed sizeof \
        static static_assert static_cast struct switch template this throw try typedef typename union \
        unsigned using virtual void volatile while",
    constants: "true false nullptr NULL",
    word_marks: "#",
    ..C_LIKE
};

static JAVA: Language = Language {
    quotes: &[lines("\"\"\"", "\"\"\"", true), DOUBLE, CHARACTER],
    keywords: "abstract as assert async await base bool boolean break byte case catch char class companion \
        const continue data decimal def default delegate do double else enum event explicit extends \
        final finally float for foreach fun get goto if implements implicit import in init instanceof \
        int interface internal is lateinit lazy let lock long match namespace native new object open \
        operator out override package params permits private protected public readonly record ref \
        return sealed set short sizeof static string struct super suspend switch synchronized this \
        throw throws trait transient try type typeof using val var virtual void volatile when where \
        while with yield",
    constants: "true false null",
    word_marks: "@",
    ..C_LIKE
};

static JAVASCRIPT: Language = Language {
    quotes: &[DOUBLE, SINGLE, lines("`", "`", true)],
    keywords: "abstract any as async await boolean break case catch class const continue debugger declare \
        default delete do else enum export extends finally for from function get if implements import \
        in infer instanceof interface is keyof let namespace never new number of override package \
        private protected public readonly return satisfies set static string super switch this throw \
        try type typeof unknown var void while with yield",
    constants: "true false null undefined NaN Infinity",
    word_marks: "$",
    ..C_LIKE
};

static GO: Language = Language {
    quotes: &[DOUBLE, CHARACTER, lines("`", "`", false)],
    keywords: "any break case chan const continue default defer else fallthrough for func go goto if import \
        interface map package range return select struct switch type var",
    constants: "true false nil iota",
    ..C_LIKE
};

static RUST: Language = Language {
    quotes: &[
        lines("r##\"", "\"##", false),
        lines("r#\"", "\"#", false),
        lines("r\"", "\"", false),
        lines("\"", "\"", true),
        CHARACTER,
    ],
    keywords: "as async await box break const continue crate dyn else enum extern fn for if impl in let loop \
        macro_rules match mod move mut pub ref return self Self static struct super trait type union \
        unsafe use where while yield",
    constants: "true false None Some Ok Err",
    ..C_LIKE
};

static SWIFT: Language = Language {
    quotes: &[lines("\"\"\"", "\"\"\"", true), DOUBLE, SINGLE],
    keywords: "as associatedtype async await break case catch class const continue default defer deinit do \
        else enum extends extension fallthrough final for func function guard if implements import in \
        init inout interface is late lazy let mixin mutating new operator override private protocol \
        public repeat required return self static struct subscript super switch throw throws try \
        typealias var void weak where while yield",
    constants: "true false nil null",
    word_marks: "@",
    ..C_LIKE
};

static PHP: Language = Language {
    line_comments: &["//", "#"],
    quotes: &[DOUBLE, SINGLE],
    keywords: "abstract array as break case catch class clone const continue declare default do echo else \
        elseif enum extends final finally fn for foreach function global if implements include \
        instanceof interface isset match namespace new print private protected public readonly require \
        require_once return static switch throw trait try unset use while yield",
    constants: "true false null",
    word_marks: "$",
    any_case: true,
    ..C_LIKE
};

static PYTHON: Language = Language {
    line_comments: &["#"],
    quotes: &[
        lines("\"\"\"", "\"\"\"", true),
        lines("'''", "'''", true),
        DOUBLE,
        SINGLE,
    ],
    keywords: "and as assert async await break case class continue def del elif else except finally for from \
        global if import in is lambda match nonlocal not or pass raise return self try while with yield",
    constants: "True False None",
    word_marks: "@",
    ..NONE
};

static RUBY: Language = Language {
    line_comments: &["#"],
    quotes: &[DOUBLE, SINGLE],
    keywords: "after alias and begin break case catch class cond def defmodule defp do else elsif end ensure \
        extend fn for function if import in include last library local module my next not or our \
        private protected quote raise receive redo repeat require rescue retry return self sub super \
        then unless until use when while with yield",
    constants: "true false nil TRUE FALSE NULL NA",
    word_marks: "@$",
    ..NONE
};

static SHELL: Language = Language {
    line_comments: &["#"],
    quotes: &[lines("\"", "\"", true), VERBATIM],
    keywords: "break case cd continue declare do done echo elif else esac eval exec exit export fi for \
        function if in local printf read readonly return select set shift source sudo then trap unset \
        until while",
    constants: "true false",
    // `--if` is a flag and `if-none-match` a name.
    word_marks: "-",
    ..NONE
};

static POWERSHELL: Language = Language {
    line_comments: &["#"],
    block_comments: &[("<#", "#>")],
    quotes: &[DOUBLE, VERBATIM],
    keywords: "begin break catch continue do else elseif end exit filter finally for foreach function if in \
        param process return switch throw try until while",
    constants: "$true $false $null",
    word_marks: "$-",
    any_case: true,
    ..NONE
};

static SQL: Language = Language {
    line_comments: &["--"],
    block_comments: &[("/*", "*/")],
    quotes: &[VERBATIM],
    keywords: "add all alter analyze and any as asc begin between by cascade case check column commit \
        constraint create cross current database default delete desc distinct drop else end except \
        exists explain fetch filter following for foreign from full function grant group having if in \
        index inner insert intersect interval into is isolation join key lateral left level like limit \
        lock natural not offset on only or order outer over partition preceding primary procedure range \
        recursive references release repeatable replace returning revoke right rollback row rows \
        savepoint select serializable set share table then to transaction trigger truncate unbounded \
        union unique update using values view when where window with",
    constants: "true false null",
    any_case: true,
    ..NONE
};

static LUA: Language = Language {
    line_comments: &["--"],
    block_comments: &[("--[[", "]]")],
    quotes: &[DOUBLE, SINGLE, lines("[[", "]]", false)],
    keywords: "and break do else elseif end for function goto if in local not or repeat return then until \
        while",
    constants: "true false nil",
    ..NONE
};

static HASKELL: Language = Language {
    line_comments: &["--"],
    block_comments: &[("{-", "-}"), ("(*", "*)")],
    quotes: &[DOUBLE, CHARACTER],
    keywords: "and begin case class data deriving do elif else end exception forall fun function if import in \
        infix infixl infixr instance let match module mutable newtype of open qualified rec ref sig \
        struct then try type val where with",
    constants: "True False true false Nothing None",
    ..NONE
};

static LISP: Language = Language {
    line_comments: &[";"],
    quotes: &[lines("\"", "\"", true)],
    keywords: "and begin case cond def define defmacro defn defun defvar do fn if lambda let let* letrec loop \
        ns or progn recur require set! setq unless when",
    constants: "nil true false",
    word_marks: "-*!?",
    ..NONE
};

static CSS: Language = Language {
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    quotes: &[DOUBLE, SINGLE],
    keywords: "@charset @container @font-face @import @include @keyframes @layer @media @mixin @supports @use \
        !important",
    word_marks: "@-!",
    keys: true,
    ..NONE
};

static JSON: Language = Language {
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    quotes: &[DOUBLE],
    constants: "true false null",
    ..NONE
};

static SETTINGS: Language = Language {
    line_comments: &["#", ";"],
    quotes: &[DOUBLE, SINGLE],
    constants: "true false null yes no on off",
    word_marks: "-.",
    keys: true,
    ..NONE
};

static DOCKERFILE: Language = Language {
    line_comments: &["#"],
    quotes: &[DOUBLE, SINGLE],
    keywords: "FROM AS RUN CMD COPY ADD ENV ARG WORKDIR USER EXPOSE ENTRYPOINT VOLUME LABEL HEALTHCHECK SHELL \
        STOPSIGNAL ONBUILD",
    ..NONE
};

static MARKUP: Language = Language {
    kind: Kind::Markup,
    ..NONE
};

static PATCH: Language = Language {
    kind: Kind::Patch,
    ..NONE
};

/// Returns the language of a name, in any case, as code blocks, tags and frameworks have it.
pub(in crate::render) fn named(name: &str) -> Option<&'static Language> {
    Some(match name.to_ascii_lowercase().as_str() {
        "c" | "h" | "c++" | "cpp" | "cc" | "cxx" | "hpp" | "objective-c" | "objc" | "cuda"
        | "arduino" | "glsl" | "hlsl" | "wgsl" => &C,
        "java" | "c#" | "csharp" | "cs" | "kotlin" | "kt" | "scala" | "groovy" | "gradle"
        | "android" | "spring" | ".net" | "dotnet" | "asp.net" | "unity" => &JAVA,
        "javascript" | "js" | "jsx" | "mjs" | "cjs" | "typescript" | "ts" | "tsx" | "node"
        | "node.js" | "nodejs" | "react" | "angular" | "jquery" | "express" => &JAVASCRIPT,
        "go" | "golang" => &GO,
        "rust" | "rs" => &RUST,
        "swift" | "dart" | "flutter" | "zig" | "ios" => &SWIFT,
        "php" | "laravel" => &PHP,
        "python" | "py" | "python3" | "pycon" | "ipython" | "django" | "flask" | "numpy"
        | "pandas" | "cython" | "gdscript" | "starlark" | "bazel" => &PYTHON,
        "ruby" | "rb" | "rails" | "ruby-on-rails" | "perl" | "pl" | "r" | "julia" | "jl"
        | "elixir" | "ex" | "exs" | "crystal" => &RUBY,
        "sh" | "bash" | "shell" | "zsh" | "fish" | "console" | "shell-session" | "terminal"
        | "git" | "linux" | "awk" | "makefile" | "make" | "cmake" | "nginx" => &SHELL,
        "powershell" | "ps1" | "pwsh" => &POWERSHELL,
        "sql" | "mysql" | "postgresql" | "postgres" | "pgsql" | "plpgsql" | "sqlite" | "tsql"
        | "sql-server" | "oracle" | "plsql" => &SQL,
        "lua" => &LUA,
        "haskell" | "hs" | "ocaml" | "ml" | "f#" | "fsharp" | "elm" | "purescript" | "sml"
        | "ada" => &HASKELL,
        "lisp" | "common-lisp" | "clojure" | "clj" | "scheme" | "racket" | "elisp"
        | "emacs-lisp" => &LISP,
        "css" | "scss" | "sass" | "less" => &CSS,
        "json" | "jsonc" | "json5" => &JSON,
        "yaml" | "yml" | "toml" | "ini" | "conf" | "properties" | "dotenv" | "env"
        | "docker-compose" | "kubernetes" | "hcl" | "terraform" | "tf" => &SETTINGS,
        "dockerfile" | "docker" => &DOCKERFILE,
        "html" | "xml" | "xhtml" | "svg" | "vue" | "svelte" | "xaml" | "jsp" => &MARKUP,
        "diff" | "patch" => &PATCH,
        _ => return None,
    })
}
