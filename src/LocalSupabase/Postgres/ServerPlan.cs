using Microsoft.Extensions.Logging;

namespace Platform.LocalSupabase.Postgres;

/// <summary>All that is decided before the server starts and stays the same when it is started again.</summary>
internal sealed record ServerPlan(
    string ClusterDirectory,
    PostgresBinaries Binaries,
    DatabaseUser User,
    bool CanTieToThread,
    string LogPath,
    IReadOnlyDictionary<string, string> Settings)
{
    private static readonly string[] SetPrivPlaces = ["/usr/bin/setpriv", "/bin/setpriv", "/usr/local/bin/setpriv"];

    /// <summary>Finds the place, the user and the programs, and makes the cluster when there is none. Needs the directory's lock.</summary>
    public static ServerPlan Prepare(
        string dataDirectory,
        EmbeddedPostgresOptions options,
        string superuserPassword,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        var state = ClusterState.Load(dataDirectory);
        var user = DatabaseUser.Resolve(state.DirectoryFor(dataDirectory), cancellationToken);
        var canTieToThread = HasSetPriv();
        if (!user.IsOurselves && !canTieToThread)
        {
            throw new LocalSupabaseException(
                "postgres_user_missing",
                "PostgreSQL does not run as root, and the program setpriv, which drops root's rights, was not found.",
                "Install the package util-linux, or start the Host as an ordinary user.");
        }

        var directory = ClusterPlace.Choose(dataDirectory, state, user, logger, cancellationToken);
        var binaries = ClusterPlace.MakeReachable(
            PostgresBinaries.Find(options.BinariesPath, PostgresBinaries.MajorOf(directory), cancellationToken), user, cancellationToken);

        if (!Directory.Exists(directory))
        {
            if (directory != ClusterState.DefaultDirectory(dataDirectory))
            {
                // Before the cluster exists there, so that a crash in between does not lose track of it.
                (state with { Directory = directory }).Save(dataDirectory);
            }

            ClusterInitializer.Create(directory, binaries, user, superuserPassword, cancellationToken);
            logger.ClusterWasMade(binaries.Major, directory);
        }

        return new ServerPlan(
            directory, binaries, user, canTieToThread, Path.Combine(dataDirectory, "postgres.log"), options.Settings);
    }

    private static bool HasSetPriv() => SetPrivPlaces.Any(File.Exists);
}
