namespace Platform.LocalSupabase.Auth.Passwords;

/// <summary>
/// Makes and checks password hashes, which is slow on purpose. It happens on threads of their own, one for each processor, so that many
/// sign-ins at once wait for each other and not everybody else for them.
/// </summary>
internal sealed class PasswordHasher : IDisposable
{
    private readonly SemaphoreSlim _turns = new(Environment.ProcessorCount);

    /// <summary>The hash to store of a new password.</summary>
    public Task<string> HashAsync(string password, CancellationToken cancellationToken) =>
        RunAsync(() => PasswordHash.Make(password), cancellationToken);

    /// <summary>Whether the password is the one of the hash. Without a hash it takes as long, and is not.</summary>
    public Task<bool> VerifyAsync(string password, string? hash, CancellationToken cancellationToken) =>
        RunAsync(() => PasswordHash.Verify(password, hash), cancellationToken);

    public void Dispose() => _turns.Dispose();

    private async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return await Task.Factory.StartNew(
                work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.RunContinuationsAsynchronously,
                TaskScheduler.Default);
        }
        finally
        {
            _turns.Release();
        }
    }
}
