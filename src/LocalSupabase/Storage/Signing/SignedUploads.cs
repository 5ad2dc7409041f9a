namespace Platform.LocalSupabase.Storage.Signing;

/// <summary>What the bearer of a signed upload token may do, as the signer.</summary>
internal sealed class SignedUploads(SignedUrls urls)
{
    public async Task<(string? Owner, bool Upsert)> VerifyAsync(string token, string bucket, string key)
    {
        if (token.Length == 0)
        {
            throw StorageException.InvalidSignature();
        }

        var claims = await urls.VerifyAsync(token, bucket, key, SignedUrls.Upload);
        return (claims.Text("owner"), claims.Flag("upsert"));
    }
}
