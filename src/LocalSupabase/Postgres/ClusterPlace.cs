using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Postgres;

/// <summary>
/// Decides where the cluster stands: in the data directory, or under /var/lib/platform when the server's user cannot pass the folders
/// above it (a project below /root, say).
/// </summary>
internal static class ClusterPlace
{
    private const string SharedRoot = "/var/lib/platform";
    private const string OriginFile = "data-directory";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Public = Private
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The folder for the cluster; its parent exists and can be passed by the user.</summary>
    public static string Choose(
        string dataDirectory, ClusterState state, DatabaseUser user, ILogger logger, CancellationToken cancellationToken)
    {
        var directory = state.DirectoryFor(dataDirectory);
        var parent = Path.GetDirectoryName(directory)!;
        if (Directory.Exists(parent))
        {
            user.AllowPassage(parent);
        }

        if (user.CanReach(parent, cancellationToken))
        {
            return directory;
        }

        if (Directory.Exists(directory) || state.Directory is not null)
        {
            throw new LocalSupabaseException(
                "data_directory_unusable",
                $"The cluster in {directory} is missing or cannot be reached by the user that PostgreSQL runs as (id {user.UserId}).",
                "Let others pass the folders above it (chmod o+x), or move the whole data directory to where they may.");
        }

        return Elsewhere(dataDirectory, user, logger);
    }

    /// <summary>Programs that the user can run: those given, or a copy of them where it can reach them.</summary>
    public static PostgresBinaries MakeReachable(PostgresBinaries binaries, DatabaseUser user, CancellationToken cancellationToken)
    {
        if (user.CanReach(binaries.Server, cancellationToken))
        {
            return binaries;
        }

        var source = Path.GetDirectoryName(binaries.Directory)!;
        var server = new FileInfo(binaries.Server);
        var name = $"postgresql-{binaries.Major}-{ShortHash($"{source}\n{server.Length}\n{server.LastWriteTimeUtc:O}")}";
        var copy = Path.Combine(SharedRoot, name);
        if (!Directory.Exists(copy))
        {
            Directory.CreateDirectory(SharedRoot, Public);
            var unfinished = $"{copy}.{Path.GetRandomFileName()}";
            var outcome = Command.Run(["cp", "-a", "--no-preserve=ownership", source, unfinished], cancellationToken);
            if (!outcome.Succeeded)
            {
                Command.Run(["rm", "-rf", unfinished], CancellationToken.None);
                throw DataDirectory.IsFull(SharedRoot)
                    ? DataDirectory.Full(SharedRoot)
                    : Unreachable(binaries, user, outcome.Output);
            }

            MoveUnlessThere(unfinished, copy);
        }

        var reachable = binaries with { Directory = Path.Combine(copy, Path.GetFileName(binaries.Directory)) };
        return user.CanReach(reachable.Server, cancellationToken)
            ? reachable
            : throw Unreachable(binaries, user, $"{copy} is closed to it as well");
    }

    private static string Elsewhere(string dataDirectory, DatabaseUser user, ILogger logger)
    {
        // A new name each time: whoever removed the data directory wants to begin anew, and whoever moved it away may bring it back.
        var name = string.Concat(Path.GetFileName(dataDirectory).Where(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'));
        var home = Path.Combine(SharedRoot, $"{name}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}");
        try
        {
            Directory.CreateDirectory(SharedRoot, Public);
            WarnOfForgotten(dataDirectory, logger);
            Directory.CreateDirectory(home, Private);
            File.WriteAllText(Path.Combine(home, OriginFile), dataDirectory);
            user.AllowPassage(home);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw DataDirectory.Translate(home, exception);
        }

        var directory = Path.Combine(home, "postgres");
        logger.ClusterStandsElsewhere(directory, dataDirectory);
        return directory;
    }

    private static void WarnOfForgotten(string dataDirectory, ILogger logger)
    {
        foreach (var home in Directory.EnumerateDirectories(SharedRoot))
        {
            var origin = Path.Combine(home, OriginFile);
            if (File.Exists(origin) && File.ReadAllText(origin) == dataDirectory)
            {
                logger.ClusterIsForgotten(home, dataDirectory);
            }
        }
    }

    private static void MoveUnlessThere(string from, string to)
    {
        try
        {
            Directory.Move(from, to);
        }
        catch (IOException) when (Directory.Exists(to))
        {
            // Another Host was quicker with the same copy.
            Directory.Delete(from, recursive: true);
        }
    }

    private static LocalSupabaseException Unreachable(PostgresBinaries binaries, DatabaseUser user, string reason) => new(
        "postgres_not_found",
        $"The user that PostgreSQL runs as (id {user.UserId}) cannot run the programs in {binaries.Directory}: {reason}.",
        "Install PostgreSQL where every user may run it (\"apt install postgresql\"), or set Postgres:BinariesPath to such a folder.");

    private static string ShortHash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
}
